/** The main job: one question, answered by tools of all four servers, one of which is killed on the way. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load-config.ts';
import { MemoryJournals } from '../../src/host/engine/memory.ts';
import { createHost } from '../../src/host/host.ts';
import { createLog } from '../../src/host/telemetry/log.ts';
import { allowAll } from '../../src/host/tool-call/policy.ts';
import { type ModelReply, startModelServer } from '../fixtures/model/model-server.ts';
import type { Wire } from '../fixtures/model/request.ts';
import { eventsOf } from '../fixtures/open-host.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const MODEL_KEY = 'sk-model-0123456789abcdef0123456789abcdef';
const SEARCH_KEY = 'brave-0123456789abcdef0123456789';
const REPLIES: readonly ModelReply[] = [
  {
    type: 'answer',
    thinking: 'I look at the book and remember who asked.',
    toolCalls: [
      { name: 'retrieval__search', arguments: { query: 'What did the Rabbit take out of its pocket?' } },
      { name: 'memory__remember', arguments: { text: 'The person likes rabbits.' } },
    ],
  },
  {
    type: 'answer',
    toolCalls: [
      { name: 'filesystem__read_file', arguments: { path: 'label.txt' } },
      { name: 'web__fetch', arguments: { url: 'PAGE' } },
      { name: 'memory__recall', arguments: { query: 'What does the person like?' } },
    ],
  },
  {
    type: 'answer',
    toolCalls: [{ name: 'memory__recall', arguments: { query: 'What does the person like?', limit: 3 } }],
  },
  { type: 'answer', text: 'The Rabbit took a watch out of its waistcoat-pocket.' },
];

test.each(['anthropic', 'openai'] as const)(
  'on the wire of %s one run uses retrieval, memory, files and the web, survives a killed server, and replays',
  async (wire: Wire) => {
    await using folder = await temporaryFolder('main-job');
    const work = join(folder.path, 'work');
    const home = join(folder.path, 'home');
    await mkdir(join(work, 'books'), { recursive: true });
    await copyFile(join(import.meta.dirname, '../fixtures/alice.md'), join(work, 'books', 'alice.md'));
    await writeFile(join(work, 'label.txt'), 'ORANGE MARMALADE\n');
    await using page = await startPage(
      '<html><body><main><h1>Watches</h1><p>A pocket watch was dear in 1865.</p></main></body></html>',
    );

    let kill = (): void => undefined;
    await using model = await startModelServer({
      script: (_request, n) => {
        if (n === 1) kill();
        const reply = REPLIES[n] ?? { type: 'failure', status: 500, message: 'asked too often' };
        return JSON.parse(JSON.stringify(reply).replace('PAGE', page.url)) as ModelReply;
      },
    });
    const file = join(work, 'servers.json');
    const candidate =
      wire === 'anthropic'
        ? { model: 'anthropic/scripted', baseUrl: model.url, apiKey: MODEL_KEY }
        : { model: 'openai/scripted', baseUrl: model.openaiUrl, apiKey: MODEL_KEY };
    const mcpServers = {
      filesystem: { builtin: 'filesystem', roots: ['.'] },
      retrieval: { builtin: 'retrieval', sources: ['books'] },
      memory: { builtin: 'memory' },
      web: { builtin: 'web', allowPrivate: true },
    };
    await writeFile(file, JSON.stringify({ mcpServers, models: { default: candidate } }));
    const env = { BRAVE_API_KEY: SEARCH_KEY };
    const config = await loadConfig({ configFile: file, workingFolder: work, homeFolder: home, env });
    const log = createLog({
      homeFolder: home,
      settings: { ...config.logs, level: 'debug' },
      env,
      config,
      stderrLevel: 'off',
    });
    const journals = new MemoryJournals();
    const host = await createHost({
      config,
      homeFolder: home,
      workingFolder: work,
      env,
      log: log.sink,
      policy: allowAll('test'),
      journals,
    });
    await using _ = host;
    kill = () => {
      const { pid } = host.registry.servers().find(({ name }) => name === 'memory') ?? {};
      expect(pid).toBeGreaterThan(0);
      process.kill(pid ?? 0, 'SIGKILL');
    };

    const handle = await host.ask('What did the Rabbit take out of its pocket, and was it dear?');
    const events = await eventsOf(handle);
    const outcome = await handle.result;
    expect(outcome).toMatchObject({
      type: 'done',
      output: { text: 'The Rabbit took a watch out of its waistcoat-pocket.' },
    });
    const ends = events.flatMap((event) =>
      event.type === 'tool-call-end' ? [[event.name, event.outcome]] : [],
    );
    expect(ends).toEqual(
      expect.arrayContaining([
        ['retrieval__search', 'complete'],
        ['memory__remember', 'complete'],
        ['filesystem__read_file', 'complete'],
        ['web__fetch', 'complete'],
      ]),
    );
    expect(ends.at(-1)).toEqual(['memory__recall', 'complete']);
    const last = model.requests.at(-1)?.toolResults.map(({ text }) => text) ?? [];
    expect(last[0]).toContain('took a watch out of its waistcoat-pocket');
    expect(last[2]).toContain('ORANGE MARMALADE');
    expect(last[3]).toContain('A pocket watch was dear in 1865.');
    // The call that met the killed server says which one failed, or found it started again; the next one found it so.
    expect(last[4]).toMatch(/likes rabbits|'memory'/);
    expect(last[5]).toContain('likes rabbits');

    expect(await host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
    expect(model.requests).toHaveLength(4);

    await host[Symbol.asyncDispose]();
    await log.close();
    const text = await readFile(log.file, 'utf8');
    for (const secret of [MODEL_KEY, SEARCH_KEY]) expect(text).not.toContain(secret);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const story = lines.filter((line) => line['run'] === handle.id);
    expect(story[0]).toMatchObject({ event: 'run-start' });
    expect(story.at(-1)).toMatchObject({ event: 'run-end' });
    const told = story
      .filter((line) => line['event'] === 'tool-call-end')
      .map((line) => `${line['server'] as string}`);
    expect(told.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'filesystem',
      'memory',
      'memory',
      'memory',
      'memory',
      'retrieval',
      'web',
    ]);
    expect(story.filter((line) => line['event'] === 'model-end')).toHaveLength(4);
    expect(lines.some((line) => line['server'] === 'memory' && line['component'] === 'registry')).toBe(true);
  },
);

async function startPage(html: string) {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(html),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/watches`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
