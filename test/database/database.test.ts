import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { type OpenOptions, openDatabase } from '../../src/database/database.ts';
import { storeFailure } from '../../src/database/failure.ts';
import { transaction } from '../../src/database/transaction.ts';
import { mountReadOnly } from '../fixtures/small-disk.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const SCHEMA = {
  applicationId: 77,
  tables: ['notes'],
  migrations: ['CREATE TABLE notes (text TEXT) STRICT'],
};

describe('what goes wrong', () => {
  test('a file that is no database is refused with its path and advice, and not one byte of it changes', async () => {
    await using folder = await temporaryFolder('database');
    const file = join(folder.path, 'store.db');
    const content = 'these are my notes, not a database\n'.repeat(300);
    await writeFile(file, content);
    expect(() => openDatabase(file, SCHEMA)).toThrow(
      expect.objectContaining({
        code: 'store-corrupt',
        message: expect.stringMatching(/store\.db is damaged.*left as it is.*move it away/s),
      }),
    );
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  test('a database with a damaged page is refused when the page is read', async () => {
    await using folder = await temporaryFolder('database');
    const file = join(folder.path, 'store.db');
    {
      using database = openDatabase(file, SCHEMA);
      const insert = database.prepare('INSERT INTO notes VALUES (?)');
      for (let index = 0; index < 500; index += 1) insert.run(`note ${index} ${'x'.repeat(100)}`);
    }
    const bytes = await readFile(file);
    bytes.fill(0xa5, 4096, 8192);
    await writeFile(file, bytes);
    using database = openDatabase(file, SCHEMA);
    const read = (): unknown => {
      try {
        return database.prepare('SELECT count(text) FROM notes').get();
      } catch (error) {
        throw storeFailure(error, file);
      }
    };
    expect(read).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
  });

  test('a disk without room ends in a clear error, and what was stored before is there', async () => {
    await using folder = await temporaryFolder('database');
    const file = join(folder.path, 'store.db');
    using database = openDatabase(file, SCHEMA);
    database.prepare('INSERT INTO notes VALUES (?)').run('kept');
    // SQLite answers a database that may not grow exactly as it answers a full disk.
    database.exec('PRAGMA max_page_count = 8');
    const fill = (): unknown => {
      try {
        return transaction(database, () => {
          const insert = database.prepare('INSERT INTO notes VALUES (?)');
          for (let index = 0; index < 1_000; index += 1) insert.run('y'.repeat(1_000));
        });
      } catch (error) {
        throw storeFailure(error, file);
      }
    };
    expect(fill).toThrow(
      expect.objectContaining({
        code: 'store-full',
        message: expect.stringMatching(/full.*intact.*Free some space/s),
      }),
    );
    expect(database.isTransaction).toBe(false);
    expect(database.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'kept' }]);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  test('a folder that cannot be written to is told, and what is there can be read where somebody writes it', async (context) => {
    await using folder = await temporaryFolder('database');
    const writable = join(folder.path, 'writable');
    await mkdir(writable);
    openDatabase(join(writable, 'store.db'), SCHEMA).close();
    const path = join(folder.path, 'read-only');
    await using mounted = await mountReadOnly(writable, path);
    if (mounted === undefined) return context.skip('file systems cannot be mounted here');
    const told = expect.objectContaining({
      code: 'store-unwritable',
      message: expect.stringMatching(/\.db cannot be opened for writing.*mounted read-only/),
    });
    expect(() => openDatabase(join(path, 'store.db'), SCHEMA)).toThrow(told);
    expect(() => openDatabase(join(path, 'fresh.db'), SCHEMA)).toThrow(told);
    using writer = openDatabase(join(writable, 'store.db'), SCHEMA);
    writer.exec("INSERT INTO notes VALUES ('seen')");
    using reader = openDatabase(join(path, 'store.db'), SCHEMA);
    expect(reader.prepare('SELECT text FROM notes').get()?.['text']).toBe('seen');
    expect(() => reader.exec("INSERT INTO notes VALUES ('more')")).toThrow(/readonly database/);
  });

  test('work that throws leaves nothing behind', async () => {
    await using folder = await temporaryFolder('database');
    using database = openDatabase(join(folder.path, 'store.db'), SCHEMA);
    const failing = (): void =>
      transaction(database, () => {
        database.exec("INSERT INTO notes VALUES ('half')");
        throw new Error('stopped');
      });
    expect(failing).toThrow('stopped');
    expect(database.prepare('SELECT count(*) AS count FROM notes').get()).toEqual({ count: 0 });
  });
});

test('only the owner may read the file', async () => {
  await using folder = await temporaryFolder('database');
  const file = join(folder.path, 'store.db');
  using database = openDatabase(file, SCHEMA);
  database.exec("INSERT INTO notes VALUES ('mine')");
  for (const name of [file, `${file}-wal`]) expect((await stat(name)).mode & 0o077).toBe(0);
});

test('a commit waits for the disk where that is asked for', async () => {
  await using folder = await temporaryFolder('database');
  const asked: readonly OpenOptions[] = [{}, { synchronous: 'normal' }, { synchronous: 'full' }];
  const got = asked.map((options) => {
    using database = openDatabase(join(folder.path, 'store.db'), SCHEMA, options);
    return database.prepare('PRAGMA synchronous').get()?.['synchronous'];
  });
  expect(got).toEqual([1, 1, 2]);
});
