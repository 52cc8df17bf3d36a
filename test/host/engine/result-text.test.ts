import { constants } from 'node:buffer';

import { expect, test } from 'vitest';

import { resultText } from '../../../src/host/engine/result-text.ts';

test('a result that is larger than a string may be is refused with its size', () => {
  const half = 'x'.repeat(300_000_000);
  expect(() => resultText({ pages: [half, half] }, '#3:fetch')).toThrow(
    expect.objectContaining({
      code: 'step-too-large',
      message: expect.stringMatching(
        /^Step #3:fetch returned 600 MB, and a step may return 536 MB\. Write it to a file/,
      ),
      data: { bytes: expect.any(Number), maxBytes: constants.MAX_STRING_LENGTH },
    }),
  );
});

test('one whose bytes could not be read again as text is refused, though a string holds it', () => {
  expect(() => resultText('é'.repeat(300_000_000), '#0:read')).toThrow(
    expect.objectContaining({ code: 'step-too-large', message: expect.stringContaining('returned 600 MB') }),
  );
});

test('what JSON cannot carry is named', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(() => resultText(circle, '#0:a')).toThrow(
    expect.objectContaining({ code: 'step-not-json', message: expect.stringContaining('circular') }),
  );
  expect(() => resultText(10n, '#0:a')).toThrow(expect.objectContaining({ code: 'step-not-json' }));
  expect(resultText({ a: [1, null, 'ü'] }, '#0:a')).toBe('{"a":[1,null,"ü"]}');
});
