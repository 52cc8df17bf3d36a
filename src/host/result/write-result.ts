/** Writes a result to a file piece by piece: no copy of the whole is made, and the event loop is never held for long. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import type { ResultChunk, ResultContent, StoredResult } from './contract.ts';

/** Characters of a text, or of base64: a multiple of four, so that each piece decodes by itself. */
const CHUNK_CHARACTERS = 1_048_576;
const MAX_BYTES_A_CHARACTER = 3;
const NEWLINE = 10;

export type WrittenResult = Pick<
  StoredResult,
  'sizeBytes' | 'characters' | 'lines' | 'sha256' | 'chunks' | 'isText' | 'mimeType'
>;

/** The file must not exist yet; it is on the disk when this resolves. Rejects with the system's error. */
export async function writeResult(file: string, given: ResultContent): Promise<WrittenResult> {
  const content = decodable(given);
  const hash = createHash('sha256');
  const chunks: ResultChunk[] = [];
  let last = NEWLINE;
  const isText = content.type === 'text';
  const whole = isText ? content.text : content.base64;
  const space = Buffer.allocUnsafe(Math.min(whole.length, CHUNK_CHARACTERS) * MAX_BYTES_A_CHARACTER);
  await using handle = await open(file, 'wx', 0o600);
  for (const piece of pieces(whole)) {
    const bytes = space.subarray(0, space.write(piece, isText ? 'utf8' : 'base64'));
    await handle.writeFile(bytes);
    hash.update(bytes);
    chunks.push([bytes.length, isText ? piece.length : 0, isText ? newlinesIn(bytes) : 0, crc32(bytes)]);
    last = bytes.at(-1) ?? last;
  }
  await handle.sync();
  const [sizeBytes, characters, newlines] = [0, 1, 2].map((column) =>
    chunks.reduce((sum, chunk) => sum + (chunk[column] ?? 0), 0),
  ) as [number, number, number];
  return {
    isText,
    mimeType: content.mimeType,
    sizeBytes,
    characters,
    lines: isText && last !== NEWLINE ? newlines + 1 : newlines,
    sha256: hash.digest('hex'),
    chunks,
  };
}

/** What only claims to be base64 would lose something when it is decoded: it is kept as the text that it is. */
function decodable(content: ResultContent): ResultContent & { readonly text?: string } {
  if (content.type === 'text' || /^[A-Za-z0-9+/]*={0,2}$/.test(content.base64)) return content;
  const compact = content.base64.replaceAll(/[\r\n\t ]/g, '');
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return { ...content, base64: compact };
  return { type: 'text', mimeType: content.mimeType, text: content.base64 };
}

function* pieces(whole: string): Generator<string> {
  for (let start = 0; start < whole.length; ) {
    let end = Math.min(start + CHUNK_CHARACTERS, whole.length);
    if (end < whole.length && isHighSurrogate(whole.charCodeAt(end - 1))) end -= 1;
    yield whole.slice(start, end);
    start = end;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
