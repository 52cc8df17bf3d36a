import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { DEFAULT_RUNS, type RunsSettings } from '../../src/config/runs-settings.ts';
import type { RunContext } from '../../src/host/context.ts';
import { shortIds } from '../../src/host/engine/durable/short-run-id.ts';
import { Retention } from '../../src/host/retention.ts';
import { openState } from '../../src/host/state.ts';
import type { LogEntry } from '../../src/registry/contract.ts';
import { agentTools, callThenAnswer } from '../fixtures/agent-tools.ts';
import { openTestHost, type TestHost } from '../fixtures/open-host.ts';

const LARGE = 'x'.repeat(600_000);

/** It keeps a row beside the database. */
const large = {
  name: 'large',
  run: async (context: RunContext) => {
    await context.step('large', async () => LARGE);
    return null;
  },
};
const waiting = { name: 'waiting', run: (context: RunContext) => context.waitFor<string>('word') };

async function largeRun({ host }: TestHost): Promise<string> {
  const { id, result } = host.engine.start(large, null);
  await result;
  return id;
}

/** As if it had ended so long ago. */
function age(home: string, id: string, days: number): void {
  using state = openState(home);
  state.database
    .prepare('UPDATE runs SET updated_ms = ? WHERE id = ?')
    .run(Date.now() - days * 86_400_000, id);
}

const answers = callThenAnswer([]);

test('files beside a journal, stored results and the part of a session go with a run', async () => {
  await using opened = await openTestHost({
    script: callThenAnswer([['tools__long', {}]]),
    servers: [agentTools()],
    maxResultTokens: 100,
  });
  const { host, home } = opened;
  const id = await largeRun(opened);
  const session = await host.sessions.create();
  const asked = await host.ask('Tell me all.', { sessionId: session.id });
  expect(await asked.result).toMatchObject({ type: 'done' });
  expect(readdirSync(join(home, 'journal', id))).toHaveLength(1);
  expect(readdirSync(join(home, 'results'))).toHaveLength(1);

  expect(await host.archive.delete([asked.id])).toMatchObject({
    runs: [asked.id],
    sessions: [{ id: session.id }],
  });
  expect(await host.sessions.list()).toEqual([]);
  expect(readdirSync(join(home, 'results'))).toEqual([]);
  expect(existsSync(join(home, 'journal', id))).toBe(true);
  expect(await host.archive.delete([id])).toEqual({ runs: [id], sessions: [] });
  expect(existsSync(join(home, 'journal', id))).toBe(false);
});

test('the runs of a deleted session go with it, and their files', async () => {
  await using opened = await openTestHost({ script: answers });
  const { host, home } = opened;
  const session = await host.sessions.create();
  const { id, result } = host.engine.start(large, null, { sessionId: session.id });
  await result;
  await host.sessions.delete(session.id);
  expect(existsSync(join(home, 'journal', id))).toBe(false);
  await expect(host.archive.delete([id])).rejects.toMatchObject({ code: 'unknown-run' });
});

test('a run that a host is at work on is not deleted, and neither is what was named with it', async () => {
  await using opened = await openTestHost({ script: answers });
  const { host } = opened;
  const ended = await largeRun(opened);
  const run = host.engine.start(waiting, null);
  await expect(host.archive.delete([ended, run.id])).rejects.toMatchObject({ code: 'run-owned' });
  expect(await host.archive.beyond({ maxBytes: 0 })).toMatchObject([{ id: ended }]);
});

test('beyond age and size are the oldest that have ended, and only those', async () => {
  await using opened = await openTestHost({ script: answers });
  const { host, home } = opened;
  const [old, middle, latest] = [await largeRun(opened), await largeRun(opened), await largeRun(opened)];
  const left = host.engine.start(waiting, null, { onWait: 'leave' });
  await left.result;
  for (const [id, days] of [
    [old, 30],
    [middle, 20],
    [left.id, 40],
  ] as const)
    age(home, id, days);
  const beyond = async (limits: Parameters<typeof host.archive.beyond>[0]): Promise<string[]> =>
    (await host.archive.beyond(limits)).map(({ id }) => id);
  expect(await beyond({ maxAgeMs: 25 * 86_400_000 })).toEqual([old]);
  expect(await beyond({ maxBytes: 1_300_000 })).toEqual([old]);
  expect(await beyond({ maxBytes: 1_000_000 })).toEqual([old, middle]);
  expect(await beyond({ maxAgeMs: 25 * 86_400_000, maxBytes: 0 })).toEqual([old, middle, latest]);
  expect(await beyond({ maxBytes: 10_000_000 })).toEqual([]);
});

test('an open host keeps to the limits of its config, as they are at the moment', async () => {
  await using opened = await openTestHost({ script: answers });
  const { host, home } = opened;
  const id = await largeRun(opened);
  age(home, id, 3);
  const pruned = async (settings: RunsSettings): Promise<LogEntry> => {
    const { promise, resolve } = Promise.withResolvers<LogEntry>();
    await using _ = new Retention({
      settings: () => settings,
      archive: host.archive,
      log: resolve,
      firstMs: 0,
    });
    return await promise;
  };
  expect(await pruned({ ...DEFAULT_RUNS, keepDays: 2 })).toMatchObject({
    event: 'runs-pruned',
    fields: { runs: 1 },
  });
  await expect(host.archive.delete([id])).rejects.toMatchObject({ code: 'unknown-run' });
});

test('short ids are as long as it takes to tell one run from another', () => {
  expect([...shortIds(['run_12345678-1', 'run_12345678-2', 'run_abcdefgh-1'])]).toEqual([
    ['run_12345678-1', '12345678-1'],
    ['run_12345678-2', '12345678-2'],
    ['run_abcdefgh-1', 'abcdefgh'],
  ]);
});
