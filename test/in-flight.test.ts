import { describe, expect, test } from 'vitest';

import { InFlight } from '../src/in-flight.ts';

describe('what is in flight', () => {
  test('is found by its key until it is taken out', () => {
    const calls = new InFlight<string, number>();
    calls.set('a', 1);
    calls.set('b', 2);
    calls.set('a', 3);
    expect([calls.size, calls.get('a'), calls.has('b')]).toEqual([2, 3, true]);
    expect(calls.delete('a')).toBe(true);
    expect([calls.size, calls.get('a'), calls.has('a'), calls.delete('a')]).toEqual([
      1,
      undefined,
      false,
      false,
    ]);
  });

  test('is gone through in the order in which it came, and may be taken out meanwhile', () => {
    const calls = new InFlight<string, number>();
    for (const [index, key] of ['c', 'a', 'b'].entries()) calls.set(key, index);
    const seen: number[] = [];
    for (const value of calls.values()) {
      seen.push(value);
      calls.delete('a');
    }
    expect(seen).toEqual([0, 2]);
    expect([...calls.keys()]).toEqual(['c', 'b']);
  });

  test('leaves nothing when it is cleared', () => {
    const calls = new InFlight<number, object>();
    calls.set(1, {});
    calls.set(2, {});
    calls.clear();
    expect([calls.size, [...calls.values()], [...calls.keys()]]).toEqual([0, [], []]);
  });
});
