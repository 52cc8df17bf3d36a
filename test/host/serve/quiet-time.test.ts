import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { QuietTime } from '../../../src/host/serve/quiet-time.ts';

describe('memory of a busy time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Collecting brings the memory down to 90 MB. */
  function serving(startBytes: number) {
    const process = { bytes: startBytes, collections: 0 };
    const quiet = new QuietTime({
      memory: () => process.bytes,
      collect: () => {
        process.collections += 1;
        process.bytes = 90e6;
      },
    });
    return { process, quiet };
  }

  test('is given back soon after the start where nothing is done', () => {
    const { process, quiet } = serving(120e6);
    vi.advanceTimersByTime(5_000);
    expect(process).toEqual({ bytes: 90e6, collections: 1 });
    quiet[Symbol.dispose]();
  });

  test('is given back after half a minute of quiet where something was done', () => {
    const { process, quiet } = serving(120e6);
    vi.advanceTimersByTime(4_000);
    quiet.interrupt();
    vi.advanceTimersByTime(20_000);
    quiet.interrupt();
    vi.advanceTimersByTime(29_000);
    expect(process.collections).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(process).toEqual({ bytes: 90e6, collections: 1 });
    quiet[Symbol.dispose]();
  });

  test('is looked at once after each busy time, and left where it is little', () => {
    const { process, quiet } = serving(120e6);
    vi.advanceTimersByTime(60_000);
    expect(process.collections).toBe(1);
    process.bytes = 140e6;
    quiet.interrupt();
    vi.advanceTimersByTime(60_000);
    expect(process.collections).toBe(1);
    process.bytes = 350e6;
    quiet.interrupt();
    vi.advanceTimersByTime(29_000);
    expect(process.collections).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(process).toEqual({ bytes: 90e6, collections: 2 });
    quiet[Symbol.dispose]();
  });

  test('is left alone once nothing is served', () => {
    const { process, quiet } = serving(350e6);
    quiet[Symbol.dispose]();
    vi.advanceTimersByTime(60_000);
    expect(process.collections).toBe(0);
  });
});
