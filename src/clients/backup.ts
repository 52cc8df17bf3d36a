/** Copies of clients' configs, beside them; and the folders that are made for a config. */
import { createHash } from 'node:crypto';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { isMissing } from './config-text.ts';

/** Writes a copy beside the file, readable by its owner alone: a config may hold secrets. Returns where it lies. */
export async function copyBeside(file: string, bytes: Buffer): Promise<string> {
  for (let number = 1; ; number += 1) {
    const path = `${file}.before-switchyard${number === 1 ? '' : `-${number}`}`;
    try {
      await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
      return path;
    } catch (error) {
      // Of an earlier time, and somebody's only copy, perhaps.
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

/** Makes the folder of a file, and returns the folders that were not there, the outermost first. */
export async function makeFolderOf(file: string): Promise<string[]> {
  const first = await mkdir(dirname(file), { recursive: true });
  const made: string[] = [];
  if (first === undefined) return made;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    made.unshift(folder);
    if (folder === first || folder === dirname(folder)) return made;
  }
}

/** Removes folders that were made, as far as nobody put anything into them. */
export async function removeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (!isMissing(error) && !hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    }
  }
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
