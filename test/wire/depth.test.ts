import { expect, test } from 'vitest';

import { isDeeperThan } from '../../src/wire/depth.ts';

test('arrays and objects are counted by how deep they lie in each other', () => {
  for (const value of ['flat', 1, null, true]) expect(isDeeperThan(0, value)).toBe(false);
  expect(isDeeperThan(0, [])).toBe(true);
  expect(isDeeperThan(1, [1, 'two', null])).toBe(false);
  expect(isDeeperThan(2, { a: [1], b: { c: 1 } })).toBe(false);
  expect(isDeeperThan(2, { a: [1], b: { c: [] } })).toBe(true);
});

test('a depth that overflows every stack is told, and so is a great width', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  expect(isDeeperThan(256, deep)).toBe(true);
  expect(isDeeperThan(99_999, deep)).toBe(true);
  expect(isDeeperThan(100_000, deep)).toBe(false);
  expect(
    isDeeperThan(
      2,
      Array.from({ length: 1_000_000 }, () => ({})),
    ),
  ).toBe(false);
});
