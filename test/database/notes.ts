/** A small database in the versions that a program may have given it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { DatabaseSchema } from '../../src/database/schema.ts';

const MIGRATIONS = [
  'CREATE TABLE notes (text TEXT) STRICT',
  "ALTER TABLE notes ADD COLUMN by TEXT NOT NULL DEFAULT 'me'",
  'CREATE TABLE tags (name TEXT) STRICT',
];

export function notesSchema(version: number, ...further: readonly string[]): DatabaseSchema {
  return { applicationId: 77, tables: ['notes'], migrations: [...MIGRATIONS.slice(0, version), ...further] };
}

/** All of a folder, but for the indexes of write-ahead logs, which whoever reads one makes anew. */
export function contentsOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder).filter((name) => !name.endsWith('-shm'));
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
}

/** Reads a file on its own. */
export function rowsOf(file: string, query: string): unknown[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database
    .prepare(query)
    .all()
    .map((row) => ({ ...row }));
}
