import { expect, test } from 'vitest';

import { PastedTexts } from '../../../src/host/cli/chat/input/pasted-text.ts';

const long = (letter: string): string => letter.repeat(1_000);

test('a short text is typed in as it is, with line ends and control characters made plain', () => {
  const pasted = new PastedTexts();
  expect(pasted.take('one\r\ntwo\rthree\x1b[31m\x07\tend')).toBe('one\ntwo\nthree[31m\tend');
});

test('many lines or many characters become a placeholder, which stands for the text', () => {
  const pasted = new PastedTexts();
  const lines = 'x\n'.repeat(12);
  expect(pasted.take(lines)).toBe('[pasted 24 characters]');
  const first = pasted.take(long('a'));
  const second = pasted.take(long('b'));
  expect([first, second]).toEqual(['[pasted 1,000 characters]', '[pasted 1,000 characters, #2]']);
  expect(pasted.expand(`${second} and ${first}`)).toBe(`${long('b')} and ${long('a')}`);
});

test('a placeholder within a pasted text is not expanded, and an unknown one stays', () => {
  const pasted = new PastedTexts();
  const outer = pasted.take(`${long('a')}[pasted 1,027 characters]`);
  expect(pasted.expand(outer)).toBe(`${long('a')}[pasted 1,027 characters]`);
  expect(pasted.expand('[pasted 7 characters]')).toBe('[pasted 7 characters]');
});
