import { basename, dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { HostError, messageOf } from '../errors.ts';
import { makeBackup, removeBackups } from './backup.ts';
import { withBusyTimeout } from './busy-timeout.ts';
import { isNoRoom, storeFailure } from './failure.ts';
import { recognise } from './recognise.ts';
import type { DatabaseSchema } from './schema.ts';
import { transaction } from './transaction.ts';

/** Copying a large file takes its time, and who waits meanwhile finds it done. */
const WAIT_MS = 60_000;

/**
 * Brings the file to the program's version in one transaction, of several processes in one, with a backup beside of what
 * it was. Throws HostError `store-backup-failed` or `store-migration-failed`; the file is then what it was before.
 */
export function migrate(database: DatabaseSync, file: string, schema: DatabaseSchema): void {
  const latest = schema.migrations.length;
  if (recognise(database, file, schema) === latest) return;
  const from = withBusyTimeout(database, WAIT_MS, () =>
    transaction(database, () => {
      const version = recognise(database, file, schema);
      if (version === latest) return version;
      if (version > 0) backUp(file, version, latest);
      apply(database, file, schema, version);
      return version;
    }),
  );
  if (from < latest) tidy(file, from);
}

function tidy(file: string, version: number): void {
  try {
    removeBackups(file, version);
  } catch {
    // The file is migrated. What could not be removed is removed after the next migration.
  }
}

function apply(database: DatabaseSync, file: string, schema: DatabaseSchema, version: number): void {
  const latest = schema.migrations.length;
  try {
    for (const migration of schema.migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${latest}; PRAGMA application_id = ${schema.applicationId}`);
  } catch (error) {
    const failure = storeFailure(error, file);
    if (failure instanceof HostError && failure.code !== 'store-failed') throw failure;
    throw new HostError(
      'store-migration-failed',
      `${file} could not be brought from version ${version} to ${latest} (${messageOf(error)}). It was left as it is: ` +
        'use the program that wrote it, and report this.',
      { cause: error },
    );
  }
}

function backUp(file: string, version: number, latest: number): void {
  try {
    makeBackup(file, version);
  } catch (error) {
    const failure = storeFailure(error, file);
    if (failure instanceof HostError && failure.code === 'store-corrupt') throw failure;
    const help = isNoRoom(error)
      ? 'Free some space and try again.'
      : `Check the permissions of ${dirname(file)} and try again.`;
    throw new HostError(
      'store-backup-failed',
      `${file} has to be brought from version ${version} to ${latest}, and the backup that is made before, ` +
        `${basename(file)}.v${version}.backup, could not be written (${messageOf(error)}). ` +
        `The file was left as it is. ${help}`,
      { cause: error },
    );
  }
}
