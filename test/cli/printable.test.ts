import { expect, test } from 'vitest';

import { printable, revealed } from '../../src/host/cli/terminal.ts';

test('escape sequences and control characters do not reach the terminal', () => {
  expect(printable('a\x1b[31mb\x1b]52;c;AAAA\x07c\x9b2Jd\x7f\x08e\tf\ng')).toBe('abcde\tf\ng');
});

test('neither does what is invisible or turns the direction of writing', () => {
  expect(printable('a\u202eb\u2066c\u200bd\ufeffe\u00adf\u{e0041}g\u200dh\u061ci\u2028j')).toBe(
    'abcdefghi\nj',
  );
});

test('joined emoji stay whole, and flags of regions lose only what would hide text', () => {
  expect(printable('\u{1f469}\u200d\u{1f4bb} \u2764\ufe0f \u{1f469}\u{1f3fd}\u200d\u{1f680}')).toBe(
    '\u{1f469}\u200d\u{1f4bb} \u2764\ufe0f \u{1f469}\u{1f3fd}\u200d\u{1f680}',
  );
});

test('where a person decides, nothing is left out', () => {
  expect(revealed('a\u202eb\x1b[2Jc\u{e0041}\nd')).toBe('a\\u202eb\\u001b[2Jc\\udb40\\udc41\nd');
});

test('a long text takes one pass', () => {
  const text = `${'a\u200b'.repeat(200_000)}${'\x1b['.repeat(200_000)}`;
  expect(printable(text)).toMatch(/^a{200000}/);
});
