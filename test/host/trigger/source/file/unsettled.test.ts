import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { LookedAt } from '../../../../../src/host/trigger/source/file/file-state.ts';
import { Unsettled } from '../../../../../src/host/trigger/source/file/unsettled.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const sized = (sizeBytes: number): LookedAt => ({
  type: 'file',
  state: { sizeBytes, modifiedMs: 1, changedMs: 1 },
});

test('a file that is being written is not settled until it has stayed as it is for long enough', () => {
  const unsettled = new Unsettled(1_000);
  unsettled.add('a');
  for (let size = 0; size < 20; size += 1) {
    expect(unsettled.isSettled('a', sized(size))).toBe(false);
    vi.advanceTimersByTime(900);
  }
  expect(unsettled.isSettled('a', sized(19))).toBe(false);
  vi.advanceTimersByTime(100);
  expect(unsettled.isSettled('a', sized(19))).toBe(true);
});

test('one that is gone for a moment only, as when it is replaced, is not removed', () => {
  const unsettled = new Unsettled(1_000);
  unsettled.add('a');
  expect(unsettled.isSettled('a', { type: 'missing' })).toBe(false);
  vi.advanceTimersByTime(900);
  expect(unsettled.isSettled('a', sized(5))).toBe(false);
  vi.advanceTimersByTime(900);
  expect(unsettled.isSettled('a', sized(5))).toBe(false);
  vi.advanceTimersByTime(100);
  expect(unsettled.isSettled('a', sized(5))).toBe(true);
});
