import { expect, test } from 'vitest';

import { matchesTemplate, openVariable } from '../../../src/host/cli/chat/input/uri-template.ts';

test('a URI fits a template when every variable has a value of one segment', () => {
  expect(matchesTemplate('page://{book}/{number}', 'page://alice/7')).toBe(true);
  expect(matchesTemplate('page://{book}/{number}', 'page://alice/')).toBe(false);
  expect(matchesTemplate('page://{book}/{number}', 'page://alice/7/8')).toBe(false);
  expect(matchesTemplate('a.b://{x}', 'a-b://y')).toBe(false);
});

test('the variable that is being written is known with its value and those before it', () => {
  expect(openVariable('page://{book}/{number}', 'page://al')).toEqual({
    name: 'book',
    value: 'al',
    before: 'page://',
    known: {},
  });
  expect(openVariable('page://{book}/{number}', 'page://alice/1')).toEqual({
    name: 'number',
    value: '1',
    before: 'page://alice/',
    known: { book: 'alice' },
  });
});

test('in a literal, beside it and behind the end there is none', () => {
  expect(openVariable('page://{book}', 'pag')).toBeUndefined();
  expect(openVariable('page://{book}', 'note://x')).toBeUndefined();
  expect(openVariable('fixed://one', 'fixed://one')).toBeUndefined();
});
