/** Whether what memory gives answers a question, and whether it still gives what is no longer true. */
import { mean } from '../report.ts';
import type { Question } from './generate.ts';

export interface Judgement {
  /** One over the place of the first entry that holds the answer; 0 where none of the first ten does. */
  readonly reciprocalRank: number;
  readonly first: number;
  readonly firstFive: number;
  /** Of questions whose answer has changed: 1 where the first entry says what was true before. */
  readonly staleFirst?: number;
  /** 1 where an entry that says what was true before stands above the answer, or where there is no answer beside it. */
  readonly staleAbove?: number;
  /** 1 where any of the first five does. */
  readonly staleAmongFive?: number;
}

const DEPTH = 10;

/** `found`: texts, best first. */
export function judge({ subject, value, staleValue }: Question, found: readonly string[]): Judgement {
  const texts = found.slice(0, DEPTH).map((text) => text.toLowerCase());
  const names = (text: string, part: string): boolean => text.includes(part.toLowerCase());
  const right = texts.findIndex((text) => names(text, subject) && names(text, value));
  const judgement = {
    reciprocalRank: right < 0 ? 0 : 1 / (right + 1),
    first: Number(right === 0),
    firstFive: Number(right >= 0 && right < 5),
  };
  if (staleValue === undefined) return judgement;
  const stale = texts.findIndex(
    (text) => names(text, subject) && names(text, staleValue) && !names(text, value),
  );
  return {
    ...judgement,
    staleFirst: Number(stale === 0),
    staleAbove: Number(stale >= 0 && (right < 0 || stale < right)),
    staleAmongFive: Number(stale >= 0 && stale < 5),
  };
}

export function average(judgements: readonly Judgement[], key: keyof Judgement): number {
  return mean(judgements.map((one) => one[key]).filter((value) => value !== undefined));
}
