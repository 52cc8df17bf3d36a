import { expect, test } from 'vitest';

import { matchTemplate, prefixedUri, shownUris, splitPrefixedUri } from '../../src/registry/resource-uri.ts';

const prefixes = new Map([
  ['a', 'a'],
  ['b c', 'b_c'],
]);

test('of two servers with one URI the later is shown under its prefix, and read back', () => {
  const shown = shownUris(
    [
      { server: 'a', uri: 'note://x' },
      { server: 'b c', uri: 'note://x' },
      { server: 'b c', uri: 'note://y' },
    ],
    prefixes,
  );
  expect(shown).toEqual(['note://x', 'switchyard://servers/b_c/note://x', 'note://y']);
  expect(splitPrefixedUri(shown[1] ?? '', prefixes)).toEqual({ server: 'b c', uri: 'note://x' });
  expect(splitPrefixedUri(prefixedUri('nobody', 'note://x'), prefixes)).toBeUndefined();
  expect(splitPrefixedUri('note://x', prefixes)).toBeUndefined();
});

test.each([
  ['page://{book}/{number}', 'page://tales/7', true],
  ['page://{book}/{number}', 'page://tales/7/8', false],
  ['file:///{+path}', 'file:///a/b/c.txt', true],
  ['find://all{?q,limit}', 'find://all?q=x', true],
  ['find://all{?q,limit}', 'find://all', true],
  ['find://all{?q}', 'find://other', false],
  ['a://x.y', 'a://xzy', false],
  ['tree://root{/path*}', 'tree://root/a/b', true],
])('template %s and %s', (template, uri, matches) => {
  expect(matchTemplate(template, uri) !== undefined).toBe(matches);
});

test('a closer template has the longer literal', () => {
  const wide = matchTemplate('file:///{+path}', 'file:///logs/today') ?? 0;
  const close = matchTemplate('file:///logs/{day}', 'file:///logs/today') ?? 0;
  expect(close).toBeGreaterThan(wide);
});
