import { expect, test } from 'vitest';

import { stemsOf } from '../../../src/servers/store/analyser.ts';
import { fuse } from '../../../src/servers/store/fusion.ts';
import { identifierParts, matchExpression, meaningfulWords } from '../../../src/servers/store/words.ts';

test('a query without words finds nothing rather than failing', () => {
  for (const query of ['', '   ', '?!', '"', '*', '()']) expect(matchExpression(query)).toBeUndefined();
});

test('characters of the search language are only characters', () => {
  expect(matchExpression('a" OR b) NOT c* ^d:')).toBe('"b" OR "c" OR "d"');
});

test('words without meaning count only where there are no others', () => {
  expect(meaningfulWords('What does the exit code 3 mean?')).toEqual(['exit', 'code', '3', 'mean']);
  expect(meaningfulWords('What is it?')).toEqual(['what', 'is', 'it']);
});

test('quoted words are looked for as a phrase too', () => {
  expect(matchExpression('meaning of "exit code"')).toBe('"meaning" OR "exit" OR "code" OR "exit code"');
});

test('names of code are found by their parts', () => {
  expect(identifierParts('maxTurns and HTTPServer2 but not plain words')).toBe('max turns http server2');
});

test('stems come from the tokenizer of the index, in order, for each text', () => {
  expect(stemsOf(['Running dogs, running', '', 'Déjà vu: exit_codes'])).toEqual([
    ['run', 'dog', 'run'],
    [],
    ['deja', 'vu', 'exit', 'code'],
  ]);
});

test('what stands high in two rankings stands above what stands first in one', () => {
  const ranked = (...numbers: readonly number[]): readonly { number: number; score: number }[] =>
    numbers.map((number) => ({ number, score: 1 }));
  expect(fuse([ranked(1, 2, 3), ranked(4, 2)], 10).map(({ number }) => number)).toEqual([2, 1, 4, 3]);
  expect(fuse([ranked(1, 2, 3)], 2)).toHaveLength(2);
  expect(fuse([], 5)).toEqual([]);
});
