import { expect, test } from 'vitest';

import { flattened } from '../src/flattened.ts';

test('the items of all groups come in their order, empty groups left out', async () => {
  const items: number[] = [];
  const all = flattened(async function* () {
    yield [];
    yield [1, 2];
    yield [];
    yield [3];
  });
  for await (const item of all) items.push(item);
  expect(items).toEqual([1, 2, 3]);
});

test('a reader that leaves ends the groups, and what they throw reaches the reader', async () => {
  const told: string[] = [];
  const groups = async function* (): AsyncGenerator<number[]> {
    try {
      yield [1, 2];
      throw new Error('broken');
    } finally {
      told.push('ended');
    }
  };
  for await (const _ of flattened(groups)) break;
  expect(told).toEqual(['ended']);
  const reading = async (): Promise<void> => {
    for await (const item of flattened(groups)) told.push(String(item));
  };
  await expect(reading()).rejects.toThrow('broken');
  expect(told).toEqual(['ended', '1', '2', 'ended']);
});
