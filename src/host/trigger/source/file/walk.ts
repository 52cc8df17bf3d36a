/** All files that are meant, as they are now. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';

import type { FileSelection } from './file-selection.ts';
import { type FileState, lookAt } from './file-state.ts';

export interface Walked {
  readonly files: ReadonlyMap<string, FileState>;
  /** Links that lead out of the folders of the config. */
  readonly outside: readonly string[];
  /** Folders of which nothing can be said, such as one that is missing itself, or may not be read. */
  readonly unknown: readonly string[];
  /** There are more than are looked at. */
  readonly isCut: boolean;
}

export interface WalkOptions {
  readonly maxFiles: number;
  readonly signal: AbortSignal;
}

const AT_ONCE = 32;

/** Rejects only where the signal is aborted. */
export async function walk(selection: FileSelection, { maxFiles, signal }: WalkOptions): Promise<Walked> {
  const files = new Map<string, FileState>();
  const outside: string[] = [];
  const unknown: string[] = [];
  let isCut = false;
  const look = async (path: string): Promise<void> => {
    const base = selection.baseOf(path);
    if (base === undefined || files.has(path)) return;
    const looked = await lookAt(path, base);
    if (looked.type === 'file' && files.size >= maxFiles) isCut = true;
    else if (looked.type === 'file') files.set(path, looked.state);
    else if (looked.type === 'outside') outside.push(path);
    else if (looked.type === 'unknown') unknown.push(path);
  };
  const folders = [...selection.bases];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    const listed = await list(folder);
    if (listed.type === 'file') await look(folder);
    if (listed.type === 'unknown') unknown.push(folder);
    if (listed.type !== 'folder') continue;
    const inside = listed.entries.map((entry) => ({ entry, path: join(listed.folder, entry.name) }));
    // A link to a folder is not followed: what is in it has a path of its own, or lies outside.
    for (const { entry, path } of inside)
      if (entry.isDirectory() && !selection.isLeftOut(path)) folders.push(path);
    const candidates = inside.filter(({ entry }) => entry.isFile() || entry.isSymbolicLink());
    for (let from = 0; from < candidates.length && !isCut; from += AT_ONCE) {
      signal.throwIfAborted();
      await Promise.all(candidates.slice(from, from + AT_ONCE).map(({ path }) => look(path)));
    }
  }
  return { files, outside, unknown, isCut };
}

/** Whether a path is one of these, or in one of them. */
export function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(folder + sep));
}

type Listed =
  | { readonly type: 'folder'; readonly folder: string; readonly entries: readonly Dirent[] }
  | { readonly type: 'file' | 'unknown' };

async function list(folder: string): Promise<Listed> {
  try {
    return { type: 'folder', folder, entries: await readdir(folder, { withFileTypes: true }) };
  } catch (error) {
    const isFile = error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
    return { type: isFile ? 'file' : 'unknown' };
  }
}
