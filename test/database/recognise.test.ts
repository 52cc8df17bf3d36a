import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { expect, test } from 'vitest';

import { openDatabase } from '../../src/database/database.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { contentsOf, notesSchema, rowsOf } from './notes.ts';

const REFUSED = [
  [
    'with the id of another program',
    'CREATE TABLE notes (text); PRAGMA user_version = 1; PRAGMA application_id = 9',
    'store-foreign',
  ],
  ['with tables and no version', 'CREATE TABLE places (url)', 'store-foreign'],
  [
    'with a version that we know and tables that we do not',
    'CREATE TABLE places (url); PRAGMA user_version = 1',
    'store-foreign',
  ],
  [
    'with a version beyond ours and no table of ours',
    'CREATE TABLE places (url); PRAGMA user_version = 75',
    'store-foreign',
  ],
  [
    'of a newer program',
    'CREATE TABLE future (x); PRAGMA user_version = 7; PRAGMA application_id = 77',
    'store-too-new',
  ],
  [
    'of a newer program that gives no id',
    'CREATE TABLE notes (text); PRAGMA user_version = 7',
    'store-too-new',
  ],
] as const;

const SAYS = {
  'store-foreign': /store\.db is a database of another program\. It was left as it is\. Move it away/,
  'store-too-new': /store\.db has version 7, .* up to 2\. It was left as it is\. Use the newer program/,
};

test.each(REFUSED)('a database %s is refused and stays as it is', async (_, content, code) => {
  await using folder = await temporaryFolder('recognise');
  const file = join(folder.path, 'store.db');
  {
    using other = new DatabaseSync(file);
    other.exec(content);
  }
  const before = contentsOf(folder.path);
  expect(() => openDatabase(file, notesSchema(2))).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(SAYS[code]) }),
  );
  expect(contentsOf(folder.path)).toEqual(before);
});

test.each(REFUSED)(
  'a database %s keeps a write-ahead log that its program left',
  async (_, content, code) => {
    await using folder = await temporaryFolder('recognise');
    const file = join(folder.path, 'store.db');
    await writeAndDie(file, content);
    const before = contentsOf(folder.path);
    expect([...before.keys()]).toEqual(['store.db', 'store.db-wal']);
    expect(() => openDatabase(file, notesSchema(2))).toThrow(expect.objectContaining({ code }));
    expect(contentsOf(folder.path)).toEqual(before);
  },
);

test('an emptied file with a write-ahead log beside is refused, and the log stays', async () => {
  await using folder = await temporaryFolder('recognise');
  const file = join(folder.path, 'store.db');
  await writeAndDie(file, 'CREATE TABLE notes (text); PRAGMA user_version = 1');
  truncateSync(file);
  const before = contentsOf(folder.path);
  expect(() => openDatabase(file, notesSchema(2))).toThrow(
    expect.objectContaining({
      code: 'store-corrupt',
      message: expect.stringMatching(/store\.db is empty, and store\.db-wal/),
    }),
  );
  expect(contentsOf(folder.path)).toEqual(before);
});

test('a file of ours from before there was an id is known by its tables, and gets the id with its next version', async () => {
  await using folder = await temporaryFolder('recognise');
  const file = join(folder.path, 'store.db');
  // All of it is in the write-ahead log: its program was killed before it came to the file.
  await writeAndDie(file, 'CREATE TABLE notes (text TEXT) STRICT; PRAGMA user_version = 1');
  openDatabase(file, notesSchema(1)).close();
  expect(rowsOf(file, 'PRAGMA application_id')).toEqual([{ application_id: 0 }]);
  openDatabase(file, notesSchema(2)).close();
  expect(rowsOf(file, 'PRAGMA application_id')).toEqual([{ application_id: 77 }]);
});

/** Leaves what it wrote in the write-ahead log, as a program does that is killed. */
async function writeAndDie(file: string, content: string): Promise<void> {
  const program = `
    import { DatabaseSync } from 'node:sqlite';
    const database = new DatabaseSync(${JSON.stringify(file)});
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(${JSON.stringify(content)});
    process.kill(process.pid, 'SIGKILL');`;
  await once(spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program]), 'close');
}
