/** Copies of a database beside it, `<name>.v<version>.backup`: what a migration starts from, for the program before it. */
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const PARTIAL = '.partial';

/**
 * Copies what is committed in `file`, its write-ahead log included, whoever has it open, and returns the copy's path.
 * The caller holds the file's writing lock, so that there is one who copies. Throws what SQLite or the disk says.
 */
export function makeBackup(file: string, version: number): string {
  const backup = `${file}.v${version}.backup`;
  const partial = `${backup}${PARTIAL}`;
  try {
    // SQLite fills a file that is there and empty, and would give one of its own to everybody to read.
    closeSync(openSync(partial, 'w', 0o600));
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      database.prepare('VACUUM INTO ?').run(partial);
    } finally {
      database.close();
    }
    flush(partial, 'r+');
    renameSync(partial, backup);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  // A folder can be flushed on POSIX systems only.
  if (process.platform !== 'win32') flush(dirname(file), 'r');
  return backup;
}

/** The backup with the highest version up to `version`. */
export function newestBackup(file: string, version: number): string | undefined {
  const usable = backupsOf(file).filter((backup) => backup.version <= version);
  return usable.sort((left, right) => right.version - left.version)[0]?.path;
}

/** Removes the backups of `file`, those of versions before `version` or all of them, and what is left of unfinished ones. */
export function removeBackups(file: string, version = Number.POSITIVE_INFINITY): void {
  for (const backup of backupsOf(file, true))
    if (backup.version < version) rmSync(backup.path, { force: true });
}

function backupsOf(file: string, unfinished = false): { readonly path: string; readonly version: number }[] {
  const start = `${basename(file)}.v`;
  return readdirSync(dirname(file)).flatMap((name) => {
    if (!name.startsWith(start)) return [];
    const [, version, partial] = /^(\d+)\.backup(\.partial)?$/.exec(name.slice(start.length)) ?? [];
    if (version === undefined || (partial !== undefined && !unfinished)) return [];
    return [{ path: join(dirname(file), name), version: Number(version) }];
  });
}

function flush(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
