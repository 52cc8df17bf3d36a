import { expect, test } from 'vitest';

import { readCharacters, readLines } from '../../../src/host/result/read-result.ts';
import { searchText, type SearchOptions } from '../../../src/host/result/search-text.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { fileOf, openStore, PERSON, text } from './store-fixture.ts';

/** Lines of many lengths, some far longer than a chunk, with characters of one to four bytes. */
const WHOLE = Array.from({ length: 20_000 }, (_, index) =>
  index === 7_000 ? '漢'.repeat(2_500_000) : `${index} ${'é😀x'.repeat(index % 40)}`,
).join('\n');

test('a part that is read is what the whole has there, wherever the chunks end', async () => {
  await using home = await temporaryFolder('results');
  using store = openStore(home.path);
  const stored = await store.results.keep(text(WHOLE), 'tool', PERSON);
  const file = fileOf(store.results, stored);
  const lines = WHOLE.split('\n');
  expect([stored.characters, stored.lines]).toEqual([WHOLE.length, lines.length]);

  for (const start of [0, 1, 999_999, 1_048_575, 1_048_576, 1_048_577, WHOLE.length - 3, WHOLE.length]) {
    const slice = await readCharacters(file, start, 1_000);
    const expected = WHOLE.slice(start, start + 1_000);
    expect(slice.text).toBe(/[\ud800-\udbff]$/.test(expected) ? expected.slice(0, -1) : expected);
    expect(slice.linesBefore).toBe(WHOLE.slice(0, start).split('\n').length - 1);
  }
  const maxCharacters = 3_000_000;
  for (const first of [0, 1, 3_456, 6_999, 7_001, 12_345, 19_998, 19_999]) {
    const slice = await readLines(file, first, { count: 3, maxCharacters });
    const wanted = lines.slice(first, first + 3).join('\n') + (first + 3 < lines.length ? '\n' : '');
    expect(slice.text).toBe(wanted);
    expect(slice.start).toBe(lines.slice(0, first).reduce((sum, line) => sum + line.length + 1, 0));
  }
  const long = await readLines(file, 7_000, { count: 2, maxCharacters: 1_000 });
  expect(long.text).toBe('漢'.repeat(1_000));
});

const PLAIN: SearchOptions = {
  source: '',
  flags: 'gm',
  from: 0,
  limit: 1_000_000,
  contextLines: 1,
  lineCharacters: 40,
};

async function* cut(whole: string, size: number): AsyncGenerator<string, void, void> {
  for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
}

test.each(['x\\b', '^1\\d{3} ', '9$', '\\n\\d', '(?=é)', 'é😀x\\n', '^', 'absent'])(
  'a search in pieces for %j finds what a search in the whole finds',
  async (source) => {
    const whole = WHOLE.slice(0, 150_000);
    const expected = [...whole.matchAll(new RegExp(source, 'gm'))].map((match) => match.index);
    for (const size of [150_000, 70_001]) {
      const { hits, total } = await searchText(cut(whole, size), { ...PLAIN, source });
      expect(hits.map((hit) => hit.offset)).toEqual(expected);
      expect(total).toBe(expected.length);
      for (const hit of hits.slice(0, 50))
        expect(hit.line).toBe(whole.slice(0, hit.offset).split('\n').length);
    }
  },
);

test('a hit shows its line cut around it, and the lines beside it', async () => {
  const whole = `before\n${'a'.repeat(100_000)}NEEDLE${'b'.repeat(100_000)}\nafter ${'c'.repeat(100)}\nlast`;
  const { hits } = await searchText(cut(whole, 70_000), {
    ...PLAIN,
    source: 'NEEDLE',
    lineCharacters: 10,
    contextLines: 1,
  });
  expect(hits).toEqual([
    {
      line: 2,
      offset: 100_007,
      // The line begins before the window that holds the match.
      before: [],
      text: `…${'a'.repeat(10)}NEEDLE${'b'.repeat(10)}…`,
      after: ['after cccc…'],
    },
  ]);
  const short = await searchText(cut('one\ntwo\nthree\nfour', 100), { ...PLAIN, source: 'three' });
  expect(short.hits[0]).toMatchObject({ line: 3, before: ['two'], text: 'three', after: ['four'] });
  const later = await searchText(cut('ab ab ab', 100), { ...PLAIN, source: 'ab', from: 1, limit: 1 });
  expect([later.hits[0]?.offset, later.total]).toEqual([3, 2]);
});
