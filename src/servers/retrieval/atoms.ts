/** The smallest parts that the chunker moves: whole blocks where they fit, else rows, lines, sentences, words. */
import type { TokenCounter } from '../../embedding/index.ts';
import { isTableDelimiter } from './blocks.ts';
import type { Block } from './parsed.ts';
import { sentenceSpans } from './sentence-split.ts';
import type { Span } from './sentence-split.ts';

export type Atom = {
  /** Verbatim. */
  readonly text: string;
  /** The white space that stands before it in its block; the gap to the block before is the chunker's matter. */
  readonly before: string;
  /** The source's line of each line of the text. */
  readonly lineNumbers: readonly number[];
  readonly tokens: number;
  /** The header of the table whose row this is, where the header stands in another atom. */
  readonly tableHeader?: string;
};

const LONGEST_HEADER_SHARE = 0.25;

export function atomsOf(block: Block, room: number, counter: TokenCounter): readonly Atom[] {
  const text = block.lines.map((line) => line.text).join('\n');
  const tokens = counter.count(text);
  if (tokens <= room) {
    return [{ text, before: '', lineNumbers: block.lines.map(({ number }) => number), tokens }];
  }
  const byLines = block.kind === 'code' || block.kind === 'table';
  const spans = byLines ? lineSpans(text) : sentenceSpans(text);
  const header = tableHeader(block, room, counter);
  const roomBesideHeader = header === undefined ? room : room - counter.count(header) - 1;
  let end = 0;
  return spans
    .flatMap((span) => fitting(text, span, roomBesideHeader, counter))
    .map((span, index) => {
      const piece = text.slice(span.start, span.end);
      const before = text.slice(end, span.start);
      end = span.end;
      return {
        text: piece,
        before,
        lineNumbers: numbersOf(block, text, span),
        tokens: counter.count(piece),
        ...(header !== undefined && index > 0 && { tableHeader: header }),
      };
    });
}

function lineSpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    if (line.trim() !== '') spans.push({ start, end: start + line.length });
    start += line.length + 1;
  }
  return spans;
}

/** The span itself, or as many parts of it as are needed for each to fit: cut between words, else between characters. */
function fitting(text: string, span: Span, room: number, counter: TokenCounter): readonly Span[] {
  if (counter.count(text.slice(span.start, span.end)) <= room) return [span];
  const middle = cutNear(text, span);
  const left = trimmed(text, { start: span.start, end: middle });
  const right = trimmed(text, { start: middle, end: span.end });
  return [left, right]
    .filter(({ start, end }) => end > start)
    .flatMap((part) => fitting(text, part, room, counter));
}

/** The white space nearest to the middle, else the middle itself, but never within a surrogate pair. */
function cutNear(text: string, { start, end }: Span): number {
  const middle = start + Math.floor((end - start) / 2);
  for (let distance = 0; distance < (end - start) / 2 - 1; distance += 1) {
    if (/\s/.test(text.charAt(middle - distance))) return middle - distance;
    if (/\s/.test(text.charAt(middle + distance))) return middle + distance;
  }
  return /[\uDC00-\uDFFF]/.test(text.charAt(middle)) ? middle + 1 : middle;
}

function trimmed(text: string, { start, end }: Span): Span {
  const piece = text.slice(start, end);
  const leading = piece.length - piece.trimStart().length;
  return { start: start + leading, end: start + leading + piece.trim().length };
}

function numbersOf(block: Block, text: string, { start, end }: Span): readonly number[] {
  const first = newlines(text.slice(0, start));
  const last = first + newlines(text.slice(start, end));
  return block.lines.slice(first, last + 1).map(({ number }) => number);
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}

/** Undefined also for a header so long that it would leave too little room for the rows. */
function tableHeader(block: Block, room: number, counter: TokenCounter): string | undefined {
  const [header, delimiter] = block.lines;
  if (block.kind !== 'table' || header === undefined || !isTableDelimiter(delimiter?.text ?? ''))
    return undefined;
  const cells = cellsOf(header.text).join(', ');
  return counter.count(cells) > room * LONGEST_HEADER_SHARE ? undefined : cells;
}

/** The cells of a Markdown table row. */
function cellsOf(row: string): readonly string[] {
  return row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}
