/** Opens SQLite files the one way that many processes on one machine can share. */
import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { BUSY_TIMEOUT_MS } from './busy-timeout.ts';
import { isBusy, storeFailure } from './failure.ts';
import { migrate } from './migrate.ts';
import { recogniseFile } from './recognise.ts';
import type { DatabaseSchema } from './schema.ts';

const BUSY_RETRY_MS = 10;

export interface OpenOptions {
  /**
   * What is committed survives a crash of the program with `normal`, the default, and also a power cut with `full`, for
   * which every commit waits for the disk.
   */
  readonly synchronous?: 'normal' | 'full';
}

/**
 * WAL, mode 0600, deleted content overwritten, foreign keys on. An older file is migrated, with a backup beside. Throws
 * HostError `store-corrupt`, `store-foreign`, `store-too-new`, `store-unwritable`, `store-full`, `store-backup-failed` or
 * `store-migration-failed`, and leaves the file as it is.
 */
export function openDatabase(file: string, schema: DatabaseSchema, options: OpenOptions = {}): DatabaseSync {
  const isFresh = !existsSync(file);
  let database: DatabaseSync | undefined;
  try {
    recogniseFile(file, schema, BUSY_TIMEOUT_MS);
    database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    if (isFresh && process.platform !== 'win32') chmodSync(file, 0o600);
    useWriteAheadLog(database);
    database.exec(SYNCHRONOUS[options.synchronous ?? 'normal']);
    database.exec('PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY');
    migrate(database, file, schema);
    return database;
  } catch (error) {
    database?.close();
    throw storeFailure(error, file);
  }
}

/** macOS answers an ordinary fsync before the disk has anything; `fullfsync` is without effect elsewhere. */
const SYNCHRONOUS = {
  normal: 'PRAGMA synchronous = NORMAL',
  full: 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON',
} as const;

/** SQLite does not wait by itself where several programs turn a fresh file to WAL in the same moment. */
function useWriteAheadLog(database: DatabaseSync): void {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(sleeper, 0, 0, BUSY_RETRY_MS);
    }
  }
}
