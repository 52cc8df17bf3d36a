/** Opens SQLite files the one way that many processes on one machine can share. */
import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { HostError } from '../errors.ts';
import { isBusy, storeFailure } from './failure.ts';

/** SQLite's own default is 0, which loses writes as soon as two processes write. */
export const BUSY_TIMEOUT_MS = 10_000;
const BUSY_RETRY_MS = 10;

export interface OpenOptions {
  /**
   * What is committed survives a crash of the program with `normal`, the default, and also a power cut with `full`, for
   * which every commit waits for the disk.
   */
  readonly synchronous?: 'normal' | 'full';
}

/**
 * WAL, mode 0600, deleted content overwritten, foreign keys on. `migrations[n]` brings version n to n + 1. Throws
 * HostError `store-corrupt`, `store-too-new`, `store-unwritable` or `store-full`, and leaves the file as it is.
 */
export function openDatabase(
  file: string,
  migrations: readonly string[],
  options: OpenOptions = {},
): DatabaseSync {
  const isFresh = !existsSync(file);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    if (isFresh && process.platform !== 'win32') chmodSync(file, 0o600);
    refuseNewer(database, file, migrations.length);
    useWriteAheadLog(database);
    database.exec(SYNCHRONOUS[options.synchronous ?? 'normal']);
    database.exec('PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY');
    migrate(database, file, migrations);
    return database;
  } catch (error) {
    database?.close();
    throw storeFailure(error, file);
  }
}

/** Runs `work` in one writing transaction: all of it is stored or, when it throws, nothing. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
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

function migrate(database: DatabaseSync, file: string, migrations: readonly string[]): void {
  if (versionOf(database) === migrations.length) return;
  transaction(database, () => {
    refuseNewer(database, file, migrations.length);
    for (const migration of migrations.slice(versionOf(database))) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function refuseNewer(database: DatabaseSync, file: string, known: number): void {
  const version = versionOf(database);
  if (version <= known) return;
  throw new HostError(
    'store-too-new',
    `${file} has version ${version}, this program knows versions up to ${known}. It was left as it is. Use the newer ` +
      'program that wrote it, or move the file away to start with an empty one.',
  );
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}
