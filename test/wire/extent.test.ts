import { expect, test } from 'vitest';

import { excessOf } from '../../src/wire/extent.ts';

const MANY = 1_000_000;

test('arrays and objects are counted by how deep they lie in each other', () => {
  const deeper = (maxDepth: number, value: unknown): boolean =>
    excessOf(value, { maxDepth, maxParts: MANY }) === 'depth';
  for (const value of ['flat', 1, null, true]) expect(deeper(0, value)).toBe(false);
  expect(deeper(0, [])).toBe(true);
  expect(deeper(1, [1, 'two', null])).toBe(false);
  expect(deeper(2, { a: [1], b: { c: 1 } })).toBe(false);
  expect(deeper(2, { a: [1], b: { c: [] } })).toBe(true);
});

test('a depth that overflows every stack is told', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  const at = (maxDepth: number): unknown => excessOf(deep, { maxDepth, maxParts: MANY });
  expect([at(256), at(99_999), at(100_000)]).toEqual(['depth', 'depth', undefined]);
});

test('arrays, objects and keys are counted together, what stands in an array is not', () => {
  const at = (maxParts: number, value: unknown): unknown => excessOf(value, { maxDepth: 256, maxParts });
  expect(at(1, Array(MANY).fill(1))).toBeUndefined();
  expect(at(0, [])).toBeUndefined();
  expect(at(0, [[]])).toBe('parts');
  // Two objects, an array, and three keys.
  const value = { a: [1, 2, 3], b: { c: 1 } };
  expect([at(5, value), at(6, value)]).toEqual(['parts', undefined]);
  expect(
    at(
      1_000,
      Array.from({ length: MANY }, () => ({})),
    ),
  ).toBe('parts');
});
