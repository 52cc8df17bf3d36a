import { expect, test } from 'vitest';

import { sentencesOf } from '../../../src/servers/retrieval/sentences.ts';
import type { StoredChunk } from '../../../src/servers/store/contract.ts';

function textsOf(text: string): readonly string[] {
  const chunk: StoredChunk = {
    id: 'c',
    number: 1,
    uri: 'file:///a.md',
    kind: 'text',
    text,
    headings: [],
    startLine: 1,
    endLine: 9,
  };
  return sentencesOf(chunk).map((sentence) => sentence.text);
}

test.each([
  [
    '**Considered.** The other index was slow. *Why so?* It was.\n',
    ['**Considered.', 'The other index was slow.'],
  ],
  ['- A point that is made here.\n', ['A point that is made here.']],
  ['**Both words** are bold in this one.\n', ['**Both words** are bold in this one.']],
])('%j', (text, expected) => {
  expect(textsOf(text).slice(0, 2)).toEqual(expected);
});
