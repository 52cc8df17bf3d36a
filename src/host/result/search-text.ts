/**
 * Searches a text that comes in pieces. Only a window of it is held: the piece, and so much before and after it that a
 * match across a border, and the lines around a match, are found; a match or a line longer than that is seen in part.
 * Every piece but the last must be longer than that.
 */
import { countNewlines } from './read-result.ts';

export type SearchOptions = {
  readonly source: string;
  readonly flags: string;
  /** Matches before this character (from 0) are passed over. */
  readonly from: number;
  readonly limit: number;
  readonly contextLines: number;
  /** Of the matched line before and after the match, and of each line around it. */
  readonly lineCharacters: number;
};

export type SearchHit = {
  /** From 1. */
  readonly line: number;
  /** Of the match, from 0. */
  readonly offset: number;
  readonly before: readonly string[];
  /** The matched lines, cut around the match. */
  readonly text: string;
  readonly after: readonly string[];
};

export type SearchAnswer = {
  readonly hits: readonly SearchHit[];
  /** All matches from `from` on. */
  readonly total: number;
};

const MARGIN_CHARACTERS = 65_536;

interface Window {
  readonly text: string;
  /** Characters before the window, and newlines before it. */
  readonly offset: number;
  readonly newlines: number;
  /** Matches that begin in this part of the window are its own. */
  readonly start: number;
  readonly end: number;
}

export async function searchText(
  pieces: AsyncIterable<string>,
  options: SearchOptions,
): Promise<SearchAnswer> {
  const expression = new RegExp(options.source, options.flags);
  const hits: SearchHit[] = [];
  let total = 0;
  let matchedTo = options.from;
  for await (const window of windows(pieces)) {
    expression.lastIndex = Math.max(window.start, matchedTo - window.offset);
    const lines = new LineCounter(window);
    for (let match = expression.exec(window.text); match !== null; match = expression.exec(window.text)) {
      if (match.index >= window.end) break;
      total += 1;
      if (hits.length < options.limit) hits.push(hitOf(window, match, lines, options));
      if (match[0] === '') expression.lastIndex += 1;
      matchedTo = window.offset + Math.max(expression.lastIndex, match.index + 1);
    }
  }
  return { hits, total };
}

async function* windows(pieces: AsyncIterable<string>): AsyncGenerator<Window, void, void> {
  let before = '';
  let current: string | undefined;
  let offset = 0;
  let newlines = 0;
  for await (const next of pieces) {
    if (current !== undefined) {
      yield windowOf(before, current, next.slice(0, MARGIN_CHARACTERS), offset, newlines);
      const passed = before + current;
      const kept = passed.slice(-MARGIN_CHARACTERS);
      offset += passed.length - kept.length;
      newlines += countNewlines(passed.slice(0, passed.length - kept.length));
      before = kept;
    }
    current = next;
  }
  if (current !== undefined) yield windowOf(before, current, '', offset, newlines);
}

function windowOf(before: string, own: string, after: string, offset: number, newlines: number): Window {
  const start = before.length;
  // An empty match at the very end belongs to the last window.
  const end = after === '' ? start + own.length + 1 : start + own.length;
  return { text: before + own + after, offset, newlines, start, end };
}

/** Line numbers of ascending places, each part of the window counted once. */
class LineCounter {
  readonly #window: Window;
  #at = 0;
  #newlines = 0;

  constructor(window: Window) {
    this.#window = window;
  }

  lineOf(index: number): number {
    this.#newlines += countNewlines(this.#window.text.slice(this.#at, index));
    this.#at = index;
    return this.#window.newlines + this.#newlines + 1;
  }
}

function hitOf(
  window: Window,
  match: RegExpExecArray,
  lines: LineCounter,
  options: SearchOptions,
): SearchHit {
  const { text, offset } = window;
  const { contextLines, lineCharacters } = options;
  const start = match.index;
  const end = start + match[0].length;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline === -1 ? text.length : newline;
  return {
    line: lines.lineOf(start),
    offset: offset + start,
    before: lineStart === 0 ? [] : linesBefore(text, lineStart, contextLines, lineCharacters),
    text: excerpt(text, { lineStart, start, end, lineEnd }, lineCharacters),
    after: newline === -1 ? [] : linesAfter(text, newline + 1, contextLines, lineCharacters),
  };
}

function excerpt(
  text: string,
  place: {
    readonly lineStart: number;
    readonly start: number;
    readonly end: number;
    readonly lineEnd: number;
  },
  characters: number,
): string {
  const from = Math.max(place.lineStart, place.start - characters);
  const matched = Math.min(place.end, place.start + characters * 2);
  const to = Math.min(place.lineEnd, matched + characters);
  return `${from > place.lineStart ? '…' : ''}${text.slice(from, to)}${to < place.lineEnd ? '…' : ''}`;
}

function linesBefore(text: string, lineStart: number, count: number, characters: number): string[] {
  const lines: string[] = [];
  for (let end = lineStart - 1; lines.length < count && end >= 0; ) {
    const start = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
    lines.unshift(shortened(text.slice(start, end), characters));
    if (start === 0) break;
    end = start - 1;
  }
  return lines;
}

function linesAfter(text: string, start: number, count: number, characters: number): string[] {
  const lines: string[] = [];
  for (let from = start; lines.length < count && from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const end = newline === -1 ? text.length : newline;
    lines.push(shortened(text.slice(from, Math.min(end, from + characters + 1)), characters));
    from = end + 1;
  }
  return lines;
}

function shortened(line: string, characters: number): string {
  return line.length <= characters ? line : `${line.slice(0, characters)}…`;
}
