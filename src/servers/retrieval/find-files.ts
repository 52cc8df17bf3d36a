/** Which files below the given paths are to be read, and which are left out and why. */
import { readdir, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { join } from 'node:path';

import { messageOf } from '../../errors.ts';

export type FoundFile = { readonly path: string; readonly sizeBytes: number; readonly modifiedMs: number };

export type SkipReason =
  | 'hidden'
  | 'version control or dependencies'
  | 'symbolic link'
  | 'binary'
  | 'too large'
  | 'no regular file';

export type Skipped = { readonly path: string; readonly reason: SkipReason };
export type Failure = { readonly path: string; readonly message: string; readonly isMissing: boolean };

export type FoundFiles = {
  /** In the order of the paths, then by name. */
  readonly files: readonly FoundFile[];
  readonly skipped: readonly Skipped[];
  readonly failures: readonly Failure[];
};

const IGNORED_FOLDERS: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', 'node_modules']);
const LARGEST_TEXT_BYTES = 32 * 1024 * 1024;
const LARGEST_PDF_BYTES = 256 * 1024 * 1024;

/** `paths` are absolute. A path that is named itself is taken even when it is hidden. */
export async function findFiles(paths: readonly string[], signal?: AbortSignal): Promise<FoundFiles> {
  const walk = new Walk(signal);
  for (const path of paths) await walk.start(path);
  return walk;
}

class Walk implements FoundFiles {
  readonly files: FoundFile[] = [];
  readonly skipped: Skipped[] = [];
  readonly failures: Failure[] = [];
  readonly #seen = new Set<string>();
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  async start(path: string): Promise<void> {
    const found = await this.#stat(path);
    if (found === undefined) return;
    if (found.isDirectory()) await this.#folder(path);
    else this.#file(path, found);
  }

  async #folder(path: string): Promise<void> {
    this.#signal?.throwIfAborted();
    let entries: Dirent[];
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      this.failures.push(failureOf(path, error));
      return;
    }
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const child = join(path, entry.name);
      const reason = reasonToSkip(entry);
      if (reason !== undefined) this.skipped.push({ path: child, reason });
      else if (entry.isDirectory()) await this.#folder(child);
      else {
        const found = await this.#stat(child);
        if (found !== undefined) this.#file(child, found);
      }
    }
  }

  #file(path: string, found: Stats): void {
    if (this.#seen.has(path)) return;
    this.#seen.add(path);
    const largest = path.toLowerCase().endsWith('.pdf') ? LARGEST_PDF_BYTES : LARGEST_TEXT_BYTES;
    if (!found.isFile()) this.skipped.push({ path, reason: 'no regular file' });
    else if (found.size > largest) this.skipped.push({ path, reason: 'too large' });
    else this.files.push({ path, sizeBytes: found.size, modifiedMs: found.mtimeMs });
  }

  async #stat(path: string): Promise<Stats | undefined> {
    try {
      return await stat(path);
    } catch (error) {
      this.failures.push(failureOf(path, error));
      return undefined;
    }
  }
}

function failureOf(path: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return { path, message: 'there is no such file or folder', isMissing: true };
  if (code === 'EACCES' || code === 'EPERM') return { path, message: 'it may not be read', isMissing: false };
  return { path, message: messageOf(error), isMissing: false };
}

function reasonToSkip(entry: Dirent): SkipReason | undefined {
  if (IGNORED_FOLDERS.has(entry.name)) return 'version control or dependencies';
  if (entry.name.startsWith('.')) return 'hidden';
  if (entry.isSymbolicLink()) return 'symbolic link';
  return undefined;
}
