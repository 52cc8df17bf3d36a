import { readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';

export type EntryType = 'file' | 'directory' | 'symlink' | 'other';

/** Sorted by name in code unit order, so that the same folder always gives the same list. */
export async function readSorted(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function entryTypeOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryType {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}
