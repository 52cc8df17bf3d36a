/** What became of a question, judged by what the program printed and by the files themselves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { LocalQuestion } from './questions.ts';

export type Verdict =
  | 'right'
  /** It said that it did not find what is there. */
  | 'not found'
  /** A sentence of the source it names, but not the answer. */
  | 'wrong'
  /** Not in the source it names, or without one. */
  | 'invented'
  | 'failed';

export interface Judged {
  readonly verdict: Verdict;
  readonly said: string;
  readonly source: string;
}

const CITED = /^ {2}— (.+?)(?::\d+)?$/m;
const NOT_FOUND = /^(The passages that were found do not hold the answer|Nothing in the indexed documents)/;
const FAILED = /^\S+ failed: /;

/** `answer` is what `run` printed, without the banner. */
export function judge(answer: string, { answer: expected }: LocalQuestion, project: string): Judged {
  const source = CITED.exec(answer)?.[1] ?? '';
  const said = answer.split(/\n {2}— /)[0]?.trim() ?? '';
  const judged = (verdict: Verdict): Judged => ({ verdict, said, source });
  if (FAILED.test(answer)) return judged('failed');
  if (NOT_FOUND.test(answer)) return judged(expected === undefined ? 'right' : 'not found');
  if (!isVerbatim(said, source, project)) return judged('invented');
  if (expected === undefined) return judged('wrong');
  const isRight =
    source.startsWith(expected.source) &&
    expected.words.every((word) => letters(said).includes(letters(word)));
  return judged(isRight ? 'right' : 'wrong');
}

function isVerbatim(said: string, source: string, project: string): boolean {
  return source !== '' && letters(readFileSync(join(project, source), 'utf8')).includes(letters(said));
}

/** Letters and digits alone: line breaks and markup within a sentence do not count. */
function letters(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join('');
}
