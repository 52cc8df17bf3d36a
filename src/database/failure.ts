/** SQLite's result codes (sqlite.org/rescode.html) in words that say what to do. */
import { basename } from 'node:path';

import { HostError, messageOf } from '../errors.ts';

const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** The primary code without the extended bits, or undefined when the error is not SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);

/** Whether SQLite or the operating system says that a disk is full, or failing. */
export function isNoRoom(error: unknown): boolean {
  const code = sqliteCode(error);
  if (code !== undefined) return code === SQLITE_FULL || code === SQLITE_IOERR;
  return error instanceof Error && 'code' in error && NO_ROOM.has(String(error.code));
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY;
}

/** What SQLite threw, or a full disk, as a HostError `store-…`; anything else unchanged. */
export function storeFailure(error: unknown, file: string): unknown {
  const text = messageOf(error);
  const failure = (code: string, message: string): HostError =>
    new HostError(code, message, { cause: error });
  const noRoom = (): HostError =>
    failure(
      'store-full',
      `${file} could not be written (${text}): the disk is full or failing. What was stored before is intact. ` +
        'Free some space and try again.',
    );
  switch (sqliteCode(error)) {
    case undefined:
      return isNoRoom(error) ? noRoom() : error;
    case SQLITE_BUSY:
      return failure('store-busy', `${file} is locked by another program for too long (${text}). Try again.`);
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return noRoom();
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return failure(
        'store-corrupt',
        `${file} is damaged or no database (${text}). It was left as it is. Restore it from a backup, or move it away, ` +
          `with ${basename(file)}-wal and ${basename(file)}-shm where they lie beside it, to start with an empty one.`,
      );
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return failure(
        'store-unwritable',
        `${file} cannot be opened for writing (${text}). Check the permissions of the file and its folder, ` +
          'and whether the disk is mounted read-only.',
      );
    default:
      return failure('store-failed', `${file}: ${text}.`);
  }
}
