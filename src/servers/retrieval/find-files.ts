/** Which files below the given paths are to be read, and which are left out and why. */
import { readdir, realpath, stat } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { join, sep } from 'node:path';

import { messageOf } from '../../errors.ts';

export type FoundFile = { readonly path: string; readonly sizeBytes: number; readonly modifiedMs: number };

export type SkipReason =
  | 'hidden'
  | 'version control or dependencies'
  | 'symbolic link'
  | 'state of this program'
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

export interface FindOptions {
  /** The real path of SWITCHYARD_HOME, which is passed over by whatever way it is reached. */
  readonly stateFolder: string;
  readonly signal?: AbortSignal | undefined;
}

/** `paths` are absolute. A path that is named itself is taken even when it is hidden. */
export async function findFiles(paths: readonly string[], options: FindOptions): Promise<FoundFiles> {
  const walk = new Walk(options);
  for (const path of paths) await walk.start(path);
  return walk;
}

class Walk implements FoundFiles {
  readonly files: FoundFile[] = [];
  readonly skipped: Skipped[] = [];
  readonly failures: Failure[] = [];
  readonly #seen = new Set<string>();
  readonly #stateFolder: string;
  readonly #signal: AbortSignal | undefined;

  constructor({ stateFolder, signal }: FindOptions) {
    this.#stateFolder = stateFolder;
    this.#signal = signal;
  }

  async start(path: string): Promise<void> {
    const found = await this.#try(path, () => stat(path));
    if (found === undefined) return;
    const real = await this.#try(path, () => realpath(path));
    if (real === undefined) return;
    if (isInside(real, this.#stateFolder)) this.skipped.push({ path, reason: 'state of this program' });
    else if (found.isDirectory()) await this.#folder(path, real);
    else this.#file(path, found);
  }

  /** Links are not followed below, so that the real path grows as the path does. */
  async #folder(path: string, real: string): Promise<void> {
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
      const realChild = join(real, entry.name);
      const reason = realChild === this.#stateFolder ? 'state of this program' : reasonToSkip(entry);
      if (reason !== undefined) this.skipped.push({ path: child, reason });
      else if (entry.isDirectory()) await this.#folder(child, realChild);
      else {
        const found = await this.#try(child, () => stat(child));
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

  async #try<Result>(path: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      this.failures.push(failureOf(path, error));
      return undefined;
    }
  }
}

/** Both are real paths. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
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
