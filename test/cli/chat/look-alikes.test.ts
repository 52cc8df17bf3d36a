import { expect, test } from 'vitest';

import { lookAlikes } from '../../../src/host/cli/chat/look-alikes.ts';

test('words that mix Latin letters with look-alikes are named with those letters', () => {
  expect(lookAlikes('pay at p\u0430yp\u0430l.com or \u0391pple')).toEqual([
    'p\u0430yp\u0430l.com (U+0430)',
    '\u0391pple (U+0391)',
  ]);
});

test('whole words of another alphabet, and units, are no matter', () => {
  expect(lookAlikes('Привет, мир! 5 μs, 3 kΩ, π r²; Ελλάδα')).toEqual([]);
});

test('it looks at the beginning of a long text, and names a few', () => {
  expect(lookAlikes(Array.from({ length: 9 }, (_, index) => `a\u0430${index}`).join(' '))).toHaveLength(3);
  expect(lookAlikes(`${'x '.repeat(60_000)}a\u0430`)).toEqual([]);
});
