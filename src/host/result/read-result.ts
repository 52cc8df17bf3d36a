/** Parts of a stored text, and the whole of a stored result. */
import type { ResultChunk } from './contract.ts';
import { type ChunkedFile, readChunks } from './read-chunks.ts';

export interface TextSlice {
  readonly text: string;
  /** Characters before it, from 0. */
  readonly start: number;
  /** Whole lines before the one that it begins in. */
  readonly linesBefore: number;
}

/** At most `count` characters from `start` on (from 0); never half of a surrogate pair at its end. */
export async function readCharacters(result: ChunkedFile, start: number, count: number): Promise<TextSlice> {
  const first = chunkAt(result.chunks, 1, start);
  let text = '';
  let linesBefore: number | undefined;
  for await (const chunk of readChunks(result, first)) {
    const decoded = chunk.bytes.toString('utf8');
    const from = Math.max(0, start - chunk.characters);
    linesBefore ??= chunk.newlines + countNewlines(decoded.slice(0, from));
    text += decoded.slice(from, from + count - text.length);
    if (text.length >= count) break;
  }
  return { text: withoutHalfPair(text), start, linesBefore: linesBefore ?? 0 };
}

/** At most `count` lines from line `first` on (from 0), and at most `maxCharacters` of them. */
export async function readLines(
  result: ChunkedFile,
  first: number,
  { count, maxCharacters }: { readonly count: number; readonly maxCharacters: number },
): Promise<TextSlice> {
  let text = '';
  let start: number | undefined;
  let left = count;
  for await (const chunk of readChunks(result, chunkAt(result.chunks, 2, first))) {
    const decoded = chunk.bytes.toString('utf8');
    const from = start === undefined ? lineStart(decoded, first - chunk.newlines) : 0;
    if (from === undefined) continue;
    start ??= chunk.characters + from;
    const to = lineStart(decoded, left, from) ?? decoded.length;
    const part = decoded.slice(from, Math.min(to, from + maxCharacters - text.length));
    left -= countNewlines(part);
    text += part;
    if (left <= 0 || text.length >= maxCharacters) break;
  }
  return { text: withoutHalfPair(text), start: start ?? 0, linesBefore: first };
}

/** Everything, in pieces that each end between two characters. */
export async function* readText(result: ChunkedFile): AsyncGenerator<string, void, void> {
  for await (const { bytes } of readChunks(result)) yield bytes.toString('utf8');
}

export async function readWholeText(result: ChunkedFile): Promise<string> {
  let text = '';
  for await (const piece of readText(result)) text += piece;
  return text;
}

export async function readBase64(result: ChunkedFile): Promise<string> {
  const parts: Buffer[] = [];
  for await (const { bytes } of readChunks(result)) parts.push(bytes);
  return Buffer.concat(parts).toString('base64');
}

export function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** The last chunk before which lie fewer than `wanted`, or just as many, of what `column` counts. */
function chunkAt(chunks: readonly ResultChunk[], column: 1 | 2, wanted: number): number {
  let before = 0;
  let found = 0;
  for (const [index, chunk] of chunks.entries()) {
    if (before > wanted) break;
    // A line that begins in an earlier chunk is found from there: the first chunk with that count of newlines.
    if (column === 1 || before < wanted || index === 0) found = index;
    before += chunk[column];
  }
  return found;
}

/** Where the line begins that `count` newlines after `from` come before; undefined where there are fewer. */
function lineStart(text: string, count: number, from = 0): number | undefined {
  let at = from;
  for (let passed = 0; passed < count; passed += 1) {
    const newline = text.indexOf('\n', at);
    if (newline === -1) return undefined;
    at = newline + 1;
  }
  return at;
}

function withoutHalfPair(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
