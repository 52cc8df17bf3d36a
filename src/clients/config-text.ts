/** The text of a client's config, with what has to stay as it is: its byte order mark, its line ends, its indent. */
import { readFile, realpath, stat } from 'node:fs/promises';

import { messageOf } from '../errors.ts';

export interface ConfigText {
  /** Without the byte order mark. */
  readonly text: string;
  readonly hasMark: boolean;
  readonly bytes: Buffer;
}

export type ReadText =
  | ({ readonly type: 'read' } & ConfigText)
  | { readonly type: 'missing' }
  | { readonly type: 'unreadable'; readonly reason: string };

/** A client's config may hold its whole history; beyond this size it is none. */
const MAX_SIZE_BYTES = 64_000_000;
const MARK = '\uFEFF';

/** Never rejects. Symbolic links are followed; one that leads nowhere is unreadable. */
export async function readText(path: string): Promise<ReadText> {
  try {
    const stats = await stat(path);
    // A pipe would be waited for, perhaps for ever.
    if (!stats.isFile()) return { type: 'unreadable', reason: 'it is no file' };
    if (stats.size > MAX_SIZE_BYTES)
      return { type: 'unreadable', reason: `it has ${stats.size} bytes, which no config has` };
    return decode(await readFile(path));
  } catch (error) {
    if (!isMissing(error)) return { type: 'unreadable', reason: messageOf(error) };
    return (await isDanglingLink(path))
      ? { type: 'unreadable', reason: 'it is a link to a file that is not there' }
      : { type: 'missing' };
  }
}

export function encode(text: string, { hasMark }: Pick<ConfigText, 'hasMark'>): Buffer {
  return Buffer.from(hasMark ? MARK + text : text);
}

/** What most lines end with. */
export function lineEnd(text: string): '\n' | '\r\n' {
  const all = text.match(/\n/g)?.length ?? 0;
  const windows = text.match(/\r\n/g)?.length ?? 0;
  return windows * 2 > all ? '\r\n' : '\n';
}

/** What one level of a JSON text is indented with: that of its first line that is. */
export function indentUnit(text: string): string {
  return /^[^\S\r\n]*\{[^\S\r\n]*\r?\n([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
}

function decode(bytes: Buffer): ReadText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const hasMark = text.startsWith(MARK);
    return { type: 'read', text: hasMark ? text.slice(1) : text, hasMark, bytes };
  } catch {
    // Whatever the decoder says of it, it comes to this.
    return { type: 'unreadable', reason: 'it is no UTF-8 text' };
  }
}

async function isDanglingLink(path: string): Promise<boolean> {
  const { lstat } = await import('node:fs/promises');
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The file itself, behind all links; the path where there is none yet. */
export async function realFile(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}
