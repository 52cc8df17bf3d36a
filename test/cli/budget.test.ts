import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { expect, test } from 'vitest';

import type { RunEvent } from '../../src/host/event.ts';
import type { JsonObject } from '../../src/json.ts';
import { type CommandOptions, type Finished, switchyard } from '../fixtures/command-line.ts';
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
  readonly home: string;
  configure(config: JsonObject): Promise<void>;
  /** As it is typed behind `switchyard`, without quotes in it. */
  type(line: string, onStart?: CommandOptions['onStart']): Promise<Finished>;
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
    home: folder.path,
    configure,
    type: (line, onStart) =>
      switchyard(line.split(' '), {
        cwd: folder.path,
        home: folder.path,
        ...(onStart === undefined ? {} : { onStart }),
      }),
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
  await using world = await openWorld({ workflows: { team: teamOf(10) } }, ({ system }) => ({
    type: 'answer',
    text: system.slice(0, 6),
    usage: COSTS_15_MILLS,
  }));

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
    Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`p${index}`, `PART ${index}`])),
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

/** Runs of $0.015 each part. */
function teamOf(count: number): JsonObject {
  const parts = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `p${index}`,
      { agent: { instructions: `PART ${index}.`, tools: [] } },
    ]),
  );
  return { parallel: { parts, concurrency: 4 } };
}

test('two processes share what a day may cost, and it is passed by no more than one call', async () => {
  const workflows = { team: teamOf(10) };
  await using world = await openWorld(
    { workflows, budget: { perDay: { maxUsd: 0.05 }, timeZone: 'Asia/Tokyo' } },
    ({ system }) => ({ type: 'answer', text: system.slice(0, 6), usage: COSTS_15_MILLS, delayMs: 20 }),
  );
  const line = 'run --config config.json --workflow team Go';
  const both = await Promise.all([world.type(line), world.type(line)]);
  for (const { code, stderr } of both) {
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /The limit of \$0\.05 a day is reached: \$0\.0600 is spent on \d{4}-\d\d-\d\d \(Asia\/Tokyo\)\./,
    );
    expect(stderr).toMatch(
      /To go on: wait until \S+T15:00:00\.000Z, when the next day begins in Asia\/Tokyo, or raise budget\.perDay in mcp\.config\.json; then switchyard runs resume run_\S+ --config \S+config\.json$/m,
    );
  }
  expect(world.model.requests).toHaveLength(4);

  const spent = JSON.parse((await world.type('budget --config config.json --json')).stdout) as {
    spent: readonly JsonObject[];
  };
  expect(spent.spent).toMatchObject([
    { scope: 'day', usd: 0.06, tokens: 6_000, limits: { maxUsd: 0.05 } },
    { scope: 'workflow', name: 'team', usd: 0.06, limits: {} },
  ]);
  expect((await world.type('budget --config config.json')).stdout).toMatch(/\$0\.0600 .*\$0\.05 \(reached\)/);

  await world.configure({ workflows, budget: { perDay: { maxUsd: 1 }, timeZone: 'Asia/Tokyo' } });
  const more = await Promise.all(both.map((one) => world.type(goingOn(one))));
  expect(more.map(({ code }) => code)).toEqual([0, 0]);
  expect(world.model.requests).toHaveLength(20);
});

test('what a process had set aside that was killed is free for others', async () => {
  let isSilent = true;
  await using world = await openWorld(
    { workflows: { team: teamOf(1) }, budget: { perDay: { maxUsd: 0.02 } } },
    () => (isSilent ? { type: 'silence' } : { type: 'answer', text: 'Done.', usage: COSTS_15_MILLS }),
  );
  const line = 'run --config config.json --workflow team Go';
  const killed = world.type(line, (kill) => {
    void expect
      .poll(() => world.model.requests.length, { timeout: 30_000 })
      .toBe(1)
      .then(() => kill('SIGKILL'));
  });
  expect((await killed).signal).toBe('SIGKILL');
  expect(reservations(world.home)).toBe(1);
  isSilent = false;
  expect(await world.type(line)).toMatchObject({ code: 0 });
  expect((await world.type('budget --config config.json')).stdout).toContain('$0.0150');
  expect(reservations(world.home)).toBe(0);
});

function reservations(home: string): number {
  using database = new DatabaseSync(join(home, 'state.db'), { readOnly: true });
  return Number(database.prepare('SELECT count(*) AS count FROM reservations').get()?.['count']);
}

test('after a kill exactly what is in journals is counted as spent', async () => {
  await using world = await openWorld({ workflows: { team: teamOf(10) } }, () => ({
    type: 'answer',
    text: 'Done.',
    usage: COSTS_15_MILLS,
    delayMs: 5,
  }));
  for (const requests of [5, 12, 16]) {
    const killed = world.type('run --config config.json --workflow team Go', (kill) => {
      void expect
        .poll(() => world.model.requests.length, { timeout: 30_000, interval: 1 })
        .toBeGreaterThanOrEqual(requests)
        .then(() => kill('SIGKILL'));
    });
    await killed;
    using database = new DatabaseSync(join(world.home, 'state.db'), { readOnly: true });
    const counted = database.prepare('SELECT round(sum(usd), 6) AS usd FROM spending').get();
    const journaled = database
      .prepare(
        "SELECT round(sum(json_extract(body, '$.costUsd')), 6) AS usd FROM journal WHERE type = 'step' AND name = 'model'",
      )
      .get();
    expect(counted).toEqual(journaled);
    expect(Number(counted?.['usd'] ?? 0)).toBeGreaterThan(0);
  }
});

test('a workflow has limits as a run, also of all its runs of a day, and a conversation of all its runs', async () => {
  const workflows = {
    team: { ...teamOf(3), budget: { maxUsd: 0.02, perDay: { maxUsd: 0.05 } } },
    other: teamOf(1),
  };
  await using world = await openWorld(
    { workflows, memory: { enabled: false }, budget: { maxUsd: 1, perSession: { maxTurns: 2 } } },
    () => ({ type: 'answer', text: 'Done.', usage: COSTS_15_MILLS }),
  );
  const first = await world.type('run --config config.json --workflow team Go');
  expect(first.stderr).toContain('The limit of $0.02 is reached: $0.0300 is spent.');
  const second = await world.type('run --config config.json --workflow team Go');
  expect(second.stderr).toContain('The limit of $0.02 is reached: $0.0300 is spent.');
  const third = await world.type('run --config config.json --workflow team Go');
  expect(third.stderr).toContain(
    'The limit of $0.05 a day for the workflow "team" is reached: $0.0600 is spent on',
  );
  expect(third.stderr).toContain('or raise workflows.team.budget.perDay in mcp.config.json');
  expect(third).toMatchObject({ code: 3, stdout: '' });
  expect(await world.type('run --config config.json --workflow other Go')).toMatchObject({ code: 0 });

  const ask = (): Promise<Finished> => world.type('run --config config.json --session talk Hello');
  expect((await ask()).code).toBe(0);
  expect((await ask()).code).toBe(0);
  const over = await ask();
  expect(over.code).toBe(3);
  expect(over.stderr).toMatch(/The limit of 2 turns for the conversation \S+ is reached: 2 are taken\./);
  expect(over.stderr).toContain(
    'To go on: raise budget.perSession in mcp.config.json, then switchyard runs resume',
  );
});
