import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { RunEvent } from '../../src/host/event.ts';
import type { JsonObject } from '../../src/json.ts';
import { type Finished, switchyard } from '../fixtures/command-line.ts';
import {
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../fixtures/model/model-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** $10 a million tokens. */
const PRICE = { inputUsdPerMillion: 10, outputUsdPerMillion: 10 };

interface World extends AsyncDisposable {
  readonly model: ModelServer;
  configure(config: JsonObject): Promise<void>;
  /** As it is typed behind `switchyard`, without quotes in it. */
  type(line: string): Promise<Finished>;
}

async function openWorld(config: JsonObject, script: ModelServerOptions['script']): Promise<World> {
  const folder = await temporaryFolder('budget');
  const model = await startModelServer({ script });
  const scripted = { baseUrl: model.url, apiKey: 'none', price: PRICE, maxOutputTokens: 1_000 };
  const models = { default: { model: 'anthropic/scripted', ...scripted } };
  const configure = (written: JsonObject): Promise<void> =>
    writeFile(join(folder.path, 'config.json'), JSON.stringify({ models, ...written }));
  await configure(config);
  return {
    model,
    configure,
    type: (line) => switchyard(line.split(' '), { cwd: folder.path, home: folder.path }),
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const COSTS_15_MILLS = { inputTokens: 500, outputTokens: 1_000 };

function events(stdout: string): readonly RunEvent[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
}

function goingOn({ stderr }: Finished): string {
  return /To go on: .*?switchyard (runs resume .*)$/m.exec(stderr)?.[1] ?? stderr;
}

test('a team at the limit of its money gives what it achieved, and goes on without paying for that again', async () => {
  const parts = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      `p${index}`,
      { agent: { instructions: `PART ${index}.`, tools: [] } },
    ]),
  );
  await using world = await openWorld(
    { workflows: { team: { parallel: { parts, concurrency: 4 } } } },
    ({ system }) => ({ type: 'answer', text: system.slice(0, 6), usage: COSTS_15_MILLS }),
  );

  const stopped = await world.type('run --config config.json --workflow team --max-usd 0.05 Go');
  expect(stopped.code).toBe(3);
  // $0.045 after three; the fourth may begin, since the limit is not reached, and nothing is under way beside it.
  expect(world.model.requests).toHaveLength(4);
  expect(stopped.stderr).toContain('The limit of $0.05 is reached: $0.0600 is spent.');
  const achieved = JSON.parse(stopped.stdout) as JsonObject;
  expect(Object.keys(achieved)).toHaveLength(4);
  for (const [path, words] of Object.entries(achieved)) expect(words).toBe(`PART ${path.slice(1)}`);
  expect(stopped.stderr).toMatch(/PARTIAL: .* not the answer\. 4 parts are finished \(p\d, p\d, p\d, p\d\)/);
  expect(goingOn(stopped)).toMatch(/^runs resume run_\S+ --config \S+config\.json --max-usd 0\.10$/);

  const shown = await world.type(goingOn(stopped).replace(/resume (\S+).*/, 'show $1'));
  expect(shown.stdout).toContain('stopped by a limit');
  expect(shown.stdout).toContain('achieved');
  expect(shown.stdout).toContain('--max-usd 0.10');

  const more = goingOn(stopped).replace('--max-usd 0.10', '--max-usd 0.20');
  const ended = await world.type(more);
  expect(ended).toMatchObject({ code: 0 });
  expect(JSON.parse(ended.stdout)).toEqual(
    Object.fromEntries(Object.keys(parts).map((name) => [name, `PART ${name.slice(1)}`])),
  );
  const asked = world.model.requests.map(({ system }) => system.slice(0, 6));
  expect(asked.toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `PART ${index}`));
});

test('an agent that is stopped gives its last words, or what its tools said, with the command that goes on', async () => {
  await using world = await openWorld(
    { mcpServers: { files: { builtin: 'filesystem', roots: ['.'] } }, memory: { enabled: false } },
    (_request, n) =>
      n === 5
        ? { type: 'answer', text: 'It is a config.' }
        : {
            type: 'answer',
            ...(n === 3 ? { text: 'I have read it, and look again.' } : {}),
            toolCalls: [{ name: 'files__read_file', arguments: { path: 'config.json', offset: n } }],
            usage: COSTS_15_MILLS,
          },
  );
  const first = await world.type('run --config config.json --max-turns 1 Look');
  expect(first.code).toBe(3);
  expect(first.stdout).toContain('anthropic/scripted');
  expect(first.stderr).toContain('PARTIAL: what stands above');
  expect(goingOn(first)).toMatch(/--max-turns 2$/);

  const second = await world.type(
    goingOn(first).replace(/--max-turns 2$/, '--max-turns 100 --max-tool-calls 2'),
  );
  expect(second.code).toBe(3);
  expect(second.stderr).toContain('The limit of 2 tool calls is reached.');
  expect(goingOn(second)).toMatch(/--max-tool-calls 4$/);

  const third = await world.type(`${goingOn(second)} --max-tokens 5000`);
  expect(third.code).toBe(3);
  expect(third.stdout).toContain('I have read it, and look again.');
  expect(third.stderr).toContain('The limit of 5000 tokens is reached: 6000 are used.');
  expect(goingOn(third)).toMatch(/--max-tokens 10000$/);

  const json = await world.type(`${goingOn(third)} --json`);
  expect(json.code).toBe(3);
  expect(events(json.stdout).at(-1)).toMatchObject({
    type: 'run-end',
    outcome: 'stopped',
    achieved: { text: 'I have read it, and look again.', results: [{ name: 'files__read_file' }] },
  });
  const ended = await world.type(goingOn(json));
  expect(ended).toMatchObject({ code: 0, stdout: 'It is a config.\n' });
  expect(world.model.requests).toHaveLength(6);
});
