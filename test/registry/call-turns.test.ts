import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { InputRouter } from '../../src/registry/input-router.ts';
import type { InputHandler, LogEntry } from '../../src/registry/contract.ts';
import type { RequestRecord } from '../../src/registry/request-ledger.ts';

const NEVER = new AbortController().signal;

const PATIENCE_MS = 30_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server that is known to ask. */
function router(log: LogEntry[] = []) {
  const inputs = new InputRouter({
    server: 'form',
    otherwise: undefined,
    asks: true,
    onAsks: () => undefined,
    settled: async () => undefined,
    log: (entry) => log.push(entry),
    patienceMs: PATIENCE_MS,
  });
  const call = async (owner: string, onInput: InputHandler) => {
    const client = { session: owner };
    const turn = await inputs.turn('tools/call', { client, onInput }, { signal: undefined, waitMs: 600_000 });
    const leave = inputs.enter('tools/call', {
      client,
      onInput,
      record: {} as RequestRecord,
      hold: () => () => undefined,
    });
    return { turn, end: () => leave(undefined) };
  };
  const ask = () =>
    inputs.answer({ method: 'elicitation/create', params: {}, signal: NEVER, relatedTo: undefined });
  return { call, ask };
}

/** As of a person who has gone away. */
const silent: InputHandler = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

test('a question that nobody answers is declined when somebody else has waited for long', async () => {
  const log: LogEntry[] = [];
  const { call, ask } = router(log);
  const ada = await call('ada', silent);
  const question = ask();
  const ben = call('ben', async () => ({ action: 'accept' }));
  await vi.advanceTimersByTimeAsync(PATIENCE_MS);
  expect(await question).toEqual({ action: 'decline' });
  expect(log).toMatchObject([{ level: 'warn', event: 'question-taken-back', server: 'form' }]);
  ada.end();
  expect((await ben).turn).toBe('now');
});

test('a question that keeps nobody else waiting stays open', async () => {
  const log: LogEntry[] = [];
  const { call, ask } = router(log);
  const answered = Promise.withResolvers<void>();
  await call('ada', async ({ signal }) => {
    await answered.promise;
    signal.throwIfAborted();
    return { action: 'accept' };
  });
  const question = ask();
  await vi.advanceTimersByTimeAsync(2 * PATIENCE_MS);
  // Its own client goes on beside it.
  expect((await call('ada', silent)).turn).toBeUndefined();
  await vi.advanceTimersByTimeAsync(2 * PATIENCE_MS);
  answered.resolve();
  expect(await question).toEqual({ action: 'accept' });
  expect(log).toEqual([]);
});

test('who has only just come waits as long as anybody, however long the question has been open', async () => {
  const log: LogEntry[] = [];
  const { call, ask } = router(log);
  await call('ada', silent);
  const question = ask();
  await vi.advanceTimersByTimeAsync(10 * PATIENCE_MS);
  void call('ben', silent);
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 10);
  expect(log).toEqual([]);
  await vi.advanceTimersByTimeAsync(10);
  expect(await question).toEqual({ action: 'decline' });
});
