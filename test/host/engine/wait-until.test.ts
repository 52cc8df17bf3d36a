import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { openDeadline, waitUntil } from '../../../src/host/engine/wait-until.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(ms: number, signal = new AbortController().signal): { over: boolean } {
  const state = { over: false };
  void waitUntil(Date.now() + ms, ms, signal).then(() => (state.over = true));
  return state;
}

test('a wait is as long as it was asked to be, also where a timer could not wait that long', async () => {
  const wait = watched(40 * DAY_MS);
  await vi.advanceTimersByTimeAsync(40 * DAY_MS - 1);
  expect(wait.over).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(wait.over).toBe(true);
});

test('a clock that is set back makes no wait longer', async () => {
  const wait = watched(HOUR_MS);
  vi.setSystemTime(Date.now() - DAY_MS);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(wait.over).toBe(true);
});

test('a computer that slept through the end of a wait ends it soon after it woke', async () => {
  const wait = watched(HOUR_MS);
  // Timers stood still meanwhile.
  vi.setSystemTime(Date.now() + DAY_MS);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(wait.over).toBe(true);
});

test('a wait that is given up leaves no timer, and its deadline is never reached', async () => {
  const abort = new AbortController();
  const wait = watched(HOUR_MS, abort.signal);
  const deadline = openDeadline(Date.now() + HOUR_MS, HOUR_MS);
  abort.abort();
  deadline[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(0);
  expect({ over: wait.over, timers: vi.getTimerCount(), reached: deadline.signal.aborted }).toEqual({
    over: true,
    timers: 0,
    reached: false,
  });
});
