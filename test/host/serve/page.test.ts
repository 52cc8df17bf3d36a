import { expect, test } from 'vitest';

import { byPlace, type Listed, pageOf } from '../../../src/host/serve/page.ts';

function listed(...places: string[]): Listed[] {
  return places
    .map((place) => {
      const [server = '', key = ''] = place.split('/');
      return { server, key, definition: { name: place } };
    })
    .sort(byPlace);
}

function names({ definitions }: ReturnType<typeof pageOf>): unknown[] {
  return definitions.map(({ name }) => name);
}

test('pages follow each other in order, and the last has no cursor', () => {
  const all = listed('b/1', 'a/2', 'a/1', 'b/2', 'c/1');
  const first = pageOf(all, undefined, 2);
  const second = pageOf(all, first.nextCursor, 2);
  const third = pageOf(all, second.nextCursor, 2);
  expect([names(first), names(second), names(third)]).toEqual([['a/1', 'a/2'], ['b/1', 'b/2'], ['c/1']]);
  expect(third.nextCursor).toBeUndefined();
});

test('a cursor stays right when what it stands at is gone, and when something comes before it', () => {
  const { nextCursor } = pageOf(listed('a/1', 'a/2', 'b/1', 'b/2'), undefined, 2);
  expect(names(pageOf(listed('a/0', 'a/1', 'b/1', 'b/2'), nextCursor, 2))).toEqual(['b/1', 'b/2']);
  expect(pageOf(listed('a/1'), nextCursor, 2)).toEqual({ definitions: [] });
});

test('what is no cursor is refused', () => {
  for (const cursor of ['', 'x', 7, Buffer.from('[1]').toString('base64url')])
    expect(() => pageOf(listed('a/1'), cursor)).toThrow(/cursor/);
});
