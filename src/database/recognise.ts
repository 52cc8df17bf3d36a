/** Whether a file is ours and of a version that this program knows; found out without a byte of it being written. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { HostError } from '../errors.ts';
import { newestBackup } from './backup.ts';
import type { DatabaseSchema } from './schema.ts';

/**
 * Throws HostError `store-foreign`, `store-too-new` or `store-corrupt`, or what SQLite throws. An ordinary connection
 * would move the write-ahead log of another program into the file as it closes.
 */
export function recogniseFile(file: string, schema: DatabaseSchema, timeout: number): void {
  // In this order: a log appears after the first page of its file.
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  const main = statSync(file, { throwIfNoEntry: false });
  if (main === undefined) return;
  if (main.size === 0 && log !== undefined && log.size > 0) throw emptied(file);
  // A transaction that a crash cut off has to be taken back first, which an ordinary connection does.
  if ((statSync(`${file}-journal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const address = pathToFileURL(file);
  // Without a log nobody writes, and SQLite would leave one behind even where it only reads.
  if (log === undefined) address.searchParams.set('immutable', '1');
  const database = new DatabaseSync(address, { readOnly: true, timeout });
  try {
    recognise(database, file, schema);
  } finally {
    database.close();
  }
}

/** The version. Throws HostError `store-foreign` or `store-too-new`. */
export function recognise(database: DatabaseSync, file: string, schema: DatabaseSchema): number {
  const version = numberOf(database, 'user_version');
  if (!isOurs(database, version, schema)) throw foreign(file);
  if (version > schema.migrations.length) throw tooNew(file, version, schema.migrations.length);
  return version;
}

function isOurs(database: DatabaseSync, version: number, schema: DatabaseSchema): boolean {
  const id = numberOf(database, 'application_id');
  if (id !== 0) return id === schema.applicationId;
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all();
  const names = new Set(rows.map(({ name }) => name));
  return version === 0 ? names.size === 0 : schema.tables.every((name) => names.has(name));
}

function numberOf(database: DatabaseSync, pragma: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

function foreign(file: string): HostError {
  return new HostError(
    'store-foreign',
    `${file} is a database of another program. It was left as it is. Move it away, with ${basename(file)}-wal and ` +
      `${basename(file)}-shm where they lie beside it, or set SWITCHYARD_HOME to a folder of its own.`,
  );
}

function tooNew(file: string, version: number, known: number): HostError {
  const backup = newestBackup(file, known);
  const away = `move the file away, with ${basename(file)}-wal and ${basename(file)}-shm where they lie beside it, `;
  const start =
    backup !== undefined
      ? `and rename ${backup}, which was made before the newer program changed the file, to ${basename(file)}`
      : 'to start with an empty one';
  return new HostError(
    'store-too-new',
    `${file} has version ${version}, this program knows versions up to ${known}. It was left as it is. Use the newer ` +
      `program that wrote it, or ${away}${start}.`,
  );
}

function emptied(file: string): HostError {
  return new HostError(
    'store-corrupt',
    `${file} is empty, and ${basename(file)}-wal beside it holds what was written last. Both were left as they are. ` +
      'Restore the file from a backup, or move both away to start with an empty one.',
  );
}
