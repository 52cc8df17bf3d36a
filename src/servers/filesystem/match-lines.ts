import { MAX_SEARCHED_LINE_CHARACTERS } from './search-contract.ts';
import type { ContentMatch } from './search-contract.ts';

const MAX_SHOWN_CHARACTERS = 300;
const LINES_PER_REPORT = 1_000;

export interface MatchOptions {
  readonly contextLines: number;
  readonly maxMatches: number;
  /** Called now and then while lines are matched. */
  readonly onLines: () => void;
}

/**
 * The lines that match, in order, until there are `maxMatches`. Only the first 10,000 characters of a line are matched;
 * `longLines` counts the lines where more was left out. `expression` has no `g` or `y` flag.
 */
export function matchLines(
  text: string,
  expression: RegExp,
  { contextLines, maxMatches, onLines }: MatchOptions,
): { matches: Omit<ContentMatch, 'path'>[]; longLines: number } {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const matches: Omit<ContentMatch, 'path'>[] = [];
  let longLines = 0;
  for (const [index, line] of lines.entries()) {
    if (index % LINES_PER_REPORT === 0) onLines();
    if (line.length > MAX_SEARCHED_LINE_CHARACTERS) longLines += 1;
    const found = expression.exec(line.slice(0, MAX_SEARCHED_LINE_CHARACTERS));
    if (found === null) continue;
    matches.push({
      line: index + 1,
      text: shorten(line, found.index),
      before: lines.slice(Math.max(0, index - contextLines), index).map((near) => shorten(near, 0)),
      after: lines.slice(index + 1, index + 1 + contextLines).map((near) => shorten(near, 0)),
    });
    if (matches.length >= maxMatches) break;
  }
  return { matches, longLines };
}

/** Keeps the neighbourhood of `place`, with … where something was cut. */
function shorten(line: string, place: number): string {
  if (line.length <= MAX_SHOWN_CHARACTERS) return line;
  const from = Math.max(0, Math.min(place - MAX_SHOWN_CHARACTERS / 3, line.length - MAX_SHOWN_CHARACTERS));
  const start = Math.floor(from);
  const end = start + MAX_SHOWN_CHARACTERS;
  return `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}
