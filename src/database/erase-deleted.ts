import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

import { HostError } from '../errors.ts';
import { removeBackups } from './backup.ts';
import { withBusyTimeout } from './busy-timeout.ts';
import { storeFailure } from './failure.ts';

const CHECKPOINT_ATTEMPTS = 50;
const CHECKPOINT_RETRY_MS = 100;

/**
 * Leaves nothing of deleted rows in a file, its write-ahead log and the backups beside it, which are removed. Rejects with HostError `store-busy` where another
 * program keeps reading an old state for more than 5 s; when that program ends, what is left is overwritten.
 */
export async function eraseDeleted(
  database: DatabaseSync,
  file: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  try {
    removeBackups(file);
    // secure_delete leaves copies in the free parts of pages whose rows were moved to balance the tree.
    database.exec('VACUUM');
    for (let attempt = 1; !truncateLog(database); attempt += 1) {
      if (attempt === CHECKPOINT_ATTEMPTS) throw stillRead(file);
      await wait(CHECKPOINT_RETRY_MS, undefined, options);
    }
  } catch (error) {
    throw storeFailure(error, file);
  }
}

/** The same without waiting; false where it did not come to an end, for whatever reason: nothing else depends on it. */
export function tryErase(database: DatabaseSync, file: string): boolean {
  try {
    removeBackups(file);
    database.exec('VACUUM');
    return truncateLog(database);
  } catch {
    // A full disk or a busy writer: whoever opens the file next tries again.
    return false;
  }
}

/** False where somebody still reads or writes. SQLite itself would wait for that in one piece, and all else with it. */
function truncateLog(database: DatabaseSync): boolean {
  return withBusyTimeout(
    database,
    0,
    () => Number(database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy']) === 0,
  );
}

function stillRead(file: string): HostError {
  return new HostError(
    'store-busy',
    `What was removed may still be read in ${file}-wal, because another program keeps reading it. Try again.`,
  );
}
