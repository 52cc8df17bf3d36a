import { expect, test } from 'vitest';

import { bareNames, entryNames, serverPrefixes } from '../src/entry-name.ts';

function names(own: readonly (readonly [string, string])[], maxLength = 47): readonly string[] {
  const prefixes = serverPrefixes([...new Set(own.map(([server]) => server))]);
  return entryNames(
    own.map(([server, name]) => ({ server, name })),
    prefixes,
    maxLength,
  );
}

test('server and tool are joined, and other characters replaced', () => {
  expect(
    names([
      ['web', 'fetch'],
      ['my server', 'read.file/now ü'],
    ]),
  ).toEqual(['web__fetch', 'my_server__read_file_now__']);
});

test('two names that look alike after replacing stay apart, and the unchanged one keeps its name', () => {
  const [dotted, plain, slashed] = names([
    ['a', 'read.file'],
    ['a', 'read_file'],
    ['a', 'read/file'],
  ]);
  expect(plain).toBe('a__read_file');
  expect(dotted).toMatch(/^a__read_file_[0-9a-f]{8}$/);
  expect(slashed).toMatch(/^a__read_file_[0-9a-f]{8}$/);
  expect(dotted).not.toBe(slashed);
});

test('two servers that look alike after replacing stay apart', () => {
  const [one, two] = names([
    ['my server', 'go'],
    ['my.server', 'go'],
  ]);
  expect(one).not.toBe(two);
  expect(
    names([
      ['my server', 'go'],
      ['my_server', 'go'],
    ])[1],
  ).toBe('my_server__go');
});

test('underscores at the border of two parts make no clash', () => {
  const shown = names([
    ['a', 'b__c'],
    ['a__b', 'c'],
    ['a_', 'b'],
    ['a', '_b'],
    ['a', '__b'],
  ]);
  expect(new Set(shown).size).toBe(5);
});

test('names over the limit are cut with a hash of the whole, and keep something of both parts', () => {
  const own: [string, string][] = [
    ['a-server-with-quite-a-long-name', 'a_tool_with_a_long_name_too_first'],
    ['a-server-with-quite-a-long-name', 'a_tool_with_a_long_name_too_second'],
    ['s'.repeat(80), 'tool'],
  ];
  const shown = names(own);
  expect(shown.every((name) => name.length <= 47)).toBe(true);
  expect(new Set(shown).size).toBe(3);
  expect(shown[0]).toMatch(/^a-server.*__a_tool.*_[0-9a-f]{8}$/);
  expect(shown[2]).toMatch(/^s+__tool_[0-9a-f]{8}$/);
});

test('a name depends neither on the order nor on what else is there', () => {
  const own: [string, string][] = [
    ['b', 'x y'],
    ['b', 'x_y'],
    ['a', 'long'.repeat(20)],
    ['c', 'plain'],
  ];
  const forwards = new Map(own.map((entry, index) => [entry, names(own)[index]]));
  const turned = [...own].reverse();
  expect(turned.map((entry) => forwards.get(entry))).toEqual(names(turned));
  expect(names([['a', 'long'.repeat(20)]])[0]).toBe(forwards.get(own[2] ?? ['', '']));
});

test('five thousand long names are distinct and within the limit', () => {
  const own = Array.from({ length: 5_000 }, (_, index): [string, string] => [
    'server',
    `${'tool '.repeat(12)}${index}`,
  ]);
  const shown = names(own);
  expect(new Set(shown).size).toBe(5_000);
  expect(shown.every((name) => /^[A-Za-z0-9_-]{1,47}$/.test(name))).toBe(true);
});

test('bare names are those of the servers where nobody else has them and they need no change', () => {
  const own = [
    ['a', 'search'],
    ['b', 'search'],
    ['a', 'read'],
    ['b', 'dotted.name'],
    ['b', 'x'.repeat(48)],
    ['b', 'switchyard__ask'],
    ['c', 'a__search'],
    ['c', ''],
  ].map(([server = '', name = '']) => ({ server, name }));
  const prefixed = entryNames(own, serverPrefixes(['a', 'b', 'c']), 47);
  const bare = bareNames(own, prefixed, 47);
  expect(bare.map((name, index) => (name === own[index]?.name ? 'own' : name))).toEqual([
    'a__search',
    'b__search',
    'own',
    'b__dotted_name',
    prefixed[4],
    'b__switchyard__ask',
    'c__a__search',
    'c__',
  ]);
  expect(new Set(bare).size).toBe(own.length);
});

test('bare names depend on no order', () => {
  const own = ['b', 'a', 'c'].flatMap((server) =>
    ['search', `only_${server}`].map((name) => ({ server, name })),
  );
  const shown = (entries: typeof own) => {
    const names = bareNames(entries, entryNames(entries, serverPrefixes(['a', 'b', 'c']), 47), 47);
    return entries.map(({ server, name }, index) => `${server} ${name}: ${names[index]}`).sort();
  };
  expect(shown([...own].reverse())).toEqual(shown(own));
});
