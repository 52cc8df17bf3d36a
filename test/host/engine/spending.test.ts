/** Limits over several runs and hosts. */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { SpendingLimits } from '../../../src/config/spending-limits.ts';
import { toHostError } from '../../../src/errors.ts';
import { DurableJournals } from '../../../src/host/engine/durable/durable-journals.ts';
import { dayOf, nextDayMs } from '../../../src/host/engine/spending/day.ts';
import { RunSpending } from '../../../src/host/engine/spending/run-spending.ts';
import { openState } from '../../../src/host/state.ts';
import { openTestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const NEVER = new AbortController().signal;

/** A host of a home folder, with what a run of it shares with others. */
function spendingHost(home: string, limits: SpendingLimits) {
  const state = openState(home);
  const journals = new DurableJournals({
    state: async () => state,
    homeFolder: home,
    configFile: undefined,
    project: home,
    programVersion: '0',
  });
  return {
    run: ({ workflow = 'main', actor = 'person', sessionId = '' } = {}) =>
      new RunSpending({
        run: {
          id: 'run_1',
          workflow,
          workflowRevision: '1',
          actor,
          ...(sessionId === '' ? {} : { sessionId }),
          input: null,
          budget: {},
        },
        ephemeral: false,
        alongside: (work) => work(),
        ledger: () => journals.ledger(),
        limits: () => limits,
      }),
    [Symbol.dispose]() {
      journals[Symbol.dispose]();
      state[Symbol.dispose]();
    },
  };
}

function came(costUsd: number) {
  const usage = { inputTokens: 10, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return { usage, costUsd };
}

describe('several hosts', () => {
  test.each([1, 2, 3, 4, 5])('never pass a limit by more than one call (seed %i)', async (seed) => {
    await using folder = await temporaryFolder('spending');
    const limits = { perDay: { maxUsd: 3 }, perSession: { maxUsd: 1 } };
    using one = spendingHost(folder.path, limits);
    using other = spendingHost(folder.path, limits);
    let [total, largest, calls] = [0, 0, seed];
    const bySession = new Map<string, number>();
    const work = async (host: typeof one, sessionId: string): Promise<void> => {
      const run = host.run({ sessionId });
      for (;;) {
        calls += 1;
        const most = 0.1 + ((calls * 7_919) % 41) / 100;
        try {
          using reservation = await run.reserve({ turns: 1, model: { tokens: 1, costUsd: most } }, NEVER);
          for (let turns = calls % 4; turns > 0; turns -= 1) await new Promise(setImmediate);
          const actual = most * (((calls * 31) % 10) / 10);
          reservation.settle(came(actual));
          total += actual;
          bySession.set(sessionId, (bySession.get(sessionId) ?? 0) + actual);
          largest = Math.max(largest, actual);
        } catch (error) {
          expect(toHostError(error).code).toBe('limit-reached');
          return;
        }
      }
    };
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].flatMap((session) => [work(one, session), work(other, session)]),
    );
    expect(total).toBeLessThanOrEqual(3 + largest);
    expect(total).toBeGreaterThan(1);
    for (const spent of bySession.values()) expect(spent).toBeLessThanOrEqual(1 + largest);
  });

  test('a call waits for what another host has under way, and goes on when that has settled', async () => {
    await using folder = await temporaryFolder('spending');
    const limits = { perClient: { maxUsd: 1 } };
    using one = spendingHost(folder.path, limits);
    using other = spendingHost(folder.path, limits);
    const first = await one.run({ actor: 'ide' }).reserve({ model: { tokens: 1, costUsd: 0.8 } }, NEVER);
    const waiting = other.run({ actor: 'ide' }).reserve({ model: { tokens: 1, costUsd: 0.8 } }, NEVER);
    using elsewhere = await other
      .run({ actor: 'cat' })
      .reserve({ model: { tokens: 1, costUsd: 0.8 } }, NEVER);
    const abort = new AbortController();
    const givenUp = other.run({ actor: 'ide' }).reserve({ model: { tokens: 1, costUsd: 9 } }, abort.signal);
    abort.abort(new Error('given up'));
    await expect(givenUp).rejects.toThrow('given up');
    first.settle(came(0.1));
    (await waiting).settle(came(0.95));
    elsewhere.settle(came(0));
    await expect(one.run({ actor: 'ide' }).reserve({ turns: 1 }, NEVER)).rejects.toMatchObject({
      code: 'limit-reached',
      data: { limit: 'usd', maximum: 1, scope: { type: 'client', name: 'ide' } },
    });
  });
});

test('a host that stood still lets go of what is its own, and not of what was set aside under the same number since', async () => {
  await using folder = await temporaryFolder('spending');
  const limits = { perDay: { maxUsd: 1 } };
  using still = spendingHost(folder.path, limits);
  using other = spendingHost(folder.path, limits);
  const old = await still.run().reserve({ model: { tokens: 1, costUsd: 0.9 } }, NEVER);
  const database = new DatabaseSync(join(folder.path, 'state.db'));
  // As any host does with what is too old.
  database.exec('DELETE FROM reservations');
  using _ = await other.run().reserve({ model: { tokens: 1, costUsd: 0.9 } }, NEVER);
  old[Symbol.dispose]();
  expect(database.prepare('SELECT usd FROM reservations').all()).toEqual([{ usd: 0.9 }]);
  database.close();
});

test('what a call came to on a full disk is counted with its answer once there is room, and what was set aside is let go of', async () => {
  await using folder = await temporaryFolder('spending');
  using state = openState(folder.path);
  const place = { configFile: undefined, project: folder.path, programVersion: '0' };
  using journals = new DurableJournals({ state: async () => state, homeFolder: folder.path, ...place });
  const run = {
    id: 'run_1',
    workflow: 'main',
    workflowRevision: '1',
    actor: 'person',
    input: null,
    budget: {},
  };
  const journal = await journals.create(run);
  journal.watch({ onSignal: () => undefined, onCancel: () => undefined, onFailure: () => undefined });
  const shared = new RunSpending({
    run,
    ephemeral: false,
    alongside: (work) => journal.alongside(work),
    ledger: () => journals.ledger(),
    limits: () => ({ perDay: { maxUsd: 3 } }),
  });
  const reservation = await shared.reserve({ model: { tokens: 1, costUsd: 1 } }, NEVER);
  const { page_count: pages } = state.database.prepare('PRAGMA page_count').get() as { page_count: number };
  state.database.exec(`PRAGMA max_page_count = ${pages}`);
  const result = JSON.stringify('x'.repeat(100_000));
  const step = { path: '', ordinal: 0, name: 'model', startedAtMs: 1, durationMs: 1, result };
  journal.append({ type: 'step', ...step });
  reservation.settle(came(0.7));
  expect(() => journal.flush()).toThrow('could not be written down');
  expect(() => journal.close({ status: 'suspended' })).toThrow('could not be written down');

  state.database.exec('PRAGMA max_page_count = 1000000');
  const all = (sql: string): unknown => state.database.prepare(sql).all();
  await expect.poll(() => all('SELECT name FROM journal'), { timeout: 30_000 }).toEqual([{ name: 'model' }]);
  expect(all('SELECT usd FROM spending')).toEqual([{ usd: 0.7 }]);
  expect(all('SELECT usd FROM reservations')).toEqual([]);
});

test('a limit counts what was spent before it was there, and calls of unknown price as such', async () => {
  await using folder = await temporaryFolder('spending');
  const limits: { perDay?: { maxUsd?: number; maxToolCalls?: number } } = {};
  using host = spendingHost(folder.path, limits);
  const run = host.run();
  expect(run.counted).toEqual({ usd: false, tokens: false });
  (await run.reserve({ model: { tokens: 0 } }, NEVER)).settle(came(2));
  (await run.reserve({ model: { tokens: 0 } }, NEVER)).settle({ ...came(0), costUsd: undefined });
  await run.reserve({ toolCalls: 1 }, NEVER);
  limits.perDay = { maxUsd: 2 };
  expect(run.counted).toEqual({ usd: true, tokens: false });
  await expect(run.reserve({ model: { tokens: 0, costUsd: 1 } }, NEVER)).rejects.toThrow('$2.0000 is spent');
  limits.perDay = { maxToolCalls: 1 };
  await expect(run.reserve({ toolCalls: 1 }, NEVER)).rejects.toThrow(
    'The limit of 1 tool calls a day is reached',
  );
  using database = new DatabaseSync(join(folder.path, 'state.db'));
  expect(database.prepare('SELECT unpriced, tool_calls FROM spending').get()).toEqual({
    unpriced: 1,
    tool_calls: 1,
  });
});

test('what is in the journal is counted once, also when its run goes on', async () => {
  await using opened = await openTestHost({
    price: { inputUsdPerMillion: 1_000, outputUsdPerMillion: 1_000 },
    spendingLimits: { perDay: { maxUsd: 0.5 } },
    script: (_request, n) =>
      n === 5 ? { type: 'answer', text: 'There.' } : { type: 'answer', toolCalls: [{ name: `no__${n}` }] },
  });
  const spent = (): unknown => {
    using database = new DatabaseSync(join(opened.home, 'state.db'), { readOnly: true });
    return database.prepare('SELECT turns, tokens, round(usd, 6) AS usd FROM spending').get();
  };
  const first = await opened.host.ask('Go.', { budget: { maxTurns: 2 } });
  expect(await first.result).toMatchObject({ type: 'stopped', limit: 'turns' });
  expect(spent()).toEqual({ turns: 2, tokens: 240, usd: 0.24 });
  const again = await opened.host.resume(first.id, { budget: { maxTurns: 20 } });
  expect(await again.result).toMatchObject({
    type: 'stopped',
    limit: 'usd',
    maximum: 0.5,
    scope: { type: 'day' },
    totals: { costUsd: 0.6 },
  });
  // Whether the sixth turn began before its call was refused does not matter.
  expect(spent()).toMatchObject({ tokens: 600, usd: 0.6 });
  expect(await opened.host.engine.replay(first.id)).toMatchObject({ type: 'identical' });
  await opened.host.apply({ ...opened.host.config, spendingLimits: { perDay: { maxUsd: 1 } } });
  const last = await opened.host.resume(first.id);
  expect(await last.result).toMatchObject({ type: 'done', output: { text: 'There.' } });
  expect(spent()).toEqual({ turns: 6, tokens: 720, usd: 0.72 });
});

test('a day ends where its time zone says, also on days of another length', () => {
  const at = (text: string): number => Date.parse(text);
  expect(dayOf(at('2026-03-29T22:30:00Z'), 'Europe/Berlin')).toBe('2026-03-30');
  expect(new Date(nextDayMs(at('2026-03-29T00:30:00Z'), 'Europe/Berlin')).toISOString()).toBe(
    '2026-03-29T22:00:00.000Z',
  );
  expect(new Date(nextDayMs(at('2026-10-25T00:00:00Z'), 'Europe/Berlin')).toISOString()).toBe(
    '2026-10-25T23:00:00.000Z',
  );
  expect(new Date(nextDayMs(at('2026-11-27T18:29:59.999Z'), 'Asia/Kolkata')).toISOString()).toBe(
    '2026-11-27T18:30:00.000Z',
  );
});
