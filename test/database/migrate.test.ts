import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { openDatabase } from '../../src/database/database.ts';
import { eraseDeleted } from '../../src/database/erase-deleted.ts';
import { mountSmallDisk } from '../fixtures/small-disk.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { contentsOf, notesSchema, rowsOf } from './notes.ts';

const MODULE = fileURLToPath(new URL('../../src/database/database.ts', import.meta.url));

test('an older file is brought to the present version once, and what it was lies beside it', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  using older = openDatabase(file, notesSchema(1));
  // In the write-ahead log only: a copy of the file alone would not hold it.
  older.exec("INSERT INTO notes VALUES ('kept')");
  openDatabase(file, notesSchema(2)).close();
  using database = openDatabase(file, notesSchema(2));
  expect({ ...database.prepare('SELECT * FROM notes').get() }).toEqual({ text: 'kept', by: 'me' });
  const backup = `${file}.v1.backup`;
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  expect(rowsOf(backup, 'SELECT * FROM notes')).toEqual([{ text: 'kept' }]);
  expect(rowsOf(backup, 'PRAGMA user_version')).toEqual([{ user_version: 1 }]);
  expect(rowsOf(backup, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});

test('a fresh file needs no backup, and the latest one is kept', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  openDatabase(file, notesSchema(1)).close();
  expect(readdirSync(folder.path)).toEqual(['store.db']);
  openDatabase(file, notesSchema(2)).close();
  // What a crash left of a backup goes as well.
  writeFileSync(`${file}.v1.backup.partial`, 'half');
  openDatabase(file, notesSchema(3)).close();
  expect(readdirSync(folder.path).sort()).toEqual(['store.db', 'store.db.v2.backup']);
});

test('the program before it can use a backup that takes the place of the file', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  {
    using older = openDatabase(file, notesSchema(1));
    older.exec("INSERT INTO notes VALUES ('kept')");
  }
  openDatabase(file, notesSchema(2)).close();
  expect(() => openDatabase(file, notesSchema(1))).toThrow(
    expect.objectContaining({
      code: 'store-too-new',
      message: expect.stringContaining(`rename ${file}.v1.backup, which was made before`),
    }),
  );
  renameSync(`${file}.v1.backup`, file);
  using restored = openDatabase(file, notesSchema(1));
  expect(restored.prepare('SELECT text FROM notes').get()?.['text']).toBe('kept');
});

test('of many processes one migrates and the others wait for it', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  openDatabase(file, notesSchema(1)).close();
  // Long enough for all of them to be there before it ends; doing it twice would fail.
  const count =
    'INSERT INTO notes WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT i FROM n';
  const schema = notesSchema(1, `CREATE TABLE once (x); ${count}`);
  const program = `
    const { openDatabase } = await import(${JSON.stringify(MODULE)});
    process.stdout.write('ready');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    openDatabase(${JSON.stringify(file)}, ${JSON.stringify(schema)}).close();
    process.exit(0);`;
  const processes = [1, 2, 3].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(processes.map(({ stdout }) => once(stdout, 'data')));
  const ends = processes.map((child) => once(child, 'close'));
  for (const { stdin } of processes) stdin.write('go');
  expect((await Promise.all(ends)).map(([code]) => code as number)).toEqual([0, 0, 0]);
  expect(rowsOf(file, 'SELECT count(*) AS count FROM notes')).toEqual([{ count: 300_000 }]);
  expect(rowsOf(`${file}.v1.backup`, 'SELECT count(*) AS count FROM notes')).toEqual([{ count: 0 }]);
});

test('a migration that fails leaves the version and the content to the program before it', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  {
    using older = openDatabase(file, notesSchema(1));
    older.exec("INSERT INTO notes VALUES ('kept')");
  }
  const failing = notesSchema(2, 'CREATE TABLE half (x)', 'INSERT INTO nowhere VALUES (1)');
  expect(() => openDatabase(file, failing)).toThrow(
    expect.objectContaining({
      code: 'store-migration-failed',
      message: expect.stringMatching(
        /store\.db could not be brought from version 1 to 4 \(no such table: nowhere\)/,
      ),
    }),
  );
  using older = openDatabase(file, notesSchema(1));
  expect(
    older
      .prepare('SELECT * FROM notes')
      .all()
      .map((row) => ({ ...row })),
  ).toEqual([{ text: 'kept' }]);
  expect(older.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]);
  expect(existsSync(`${file}.v1.backup`)).toBe(true);
});

test('a process that is killed in mid-migration leaves the file to the program before it', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  {
    using older = openDatabase(file, notesSchema(1));
    older.exec("INSERT INTO notes VALUES ('kept')");
  }
  const endless =
    'INSERT INTO notes WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
  const schema = notesSchema(1, endless);
  const program = `
    const { openDatabase } = await import(${JSON.stringify(MODULE)});
    openDatabase(${JSON.stringify(file)}, ${JSON.stringify(schema)});`;
  const backedUp = new Promise<void>((resolve) => {
    const watcher = watch(folder.path, () => {
      if (!existsSync(`${file}.v1.backup`)) return;
      watcher.close();
      resolve();
    });
  });
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
  const end = once(child, 'close');
  await backedUp;
  child.kill('SIGKILL');
  expect(await end).toEqual([null, 'SIGKILL']);
  {
    using older = openDatabase(file, notesSchema(1));
    expect(older.prepare('SELECT count(*) AS count FROM notes').get()?.['count']).toBe(1);
  }
  openDatabase(file, notesSchema(2)).close();
  expect(rowsOf(file, 'SELECT * FROM notes')).toEqual([{ text: 'kept', by: 'me' }]);
});

test('without a backup nothing is migrated', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  openDatabase(file, notesSchema(1)).close();
  // Where a folder lies nothing can be renamed to.
  mkdirSync(join(`${file}.v1.backup`, 'x'), { recursive: true });
  const before = readdirSync(folder.path);
  expect(() => openDatabase(file, notesSchema(2))).toThrow(
    expect.objectContaining({
      code: 'store-backup-failed',
      message: expect.stringMatching(/store\.db\.v1\.backup, could not be written .* left as it is/),
    }),
  );
  expect(readdirSync(folder.path)).toEqual(before);
  rmSync(`${file}.v1.backup`, { recursive: true });
  openDatabase(file, notesSchema(2)).close();
});

test('a disk that has no room for the backup stops the migration', async (context) => {
  await using folder = await temporaryFolder('migrate');
  const path = join(folder.path, 'disk');
  await using disk = await mountSmallDisk(path, '2M');
  if (disk === undefined) return context.skip('file systems cannot be mounted here');
  const file = join(path, 'store.db');
  {
    using older = openDatabase(file, notesSchema(1));
    older.prepare('INSERT INTO notes VALUES (?)').run('x'.repeat(900_000));
  }
  const ballast = join(path, 'ballast');
  writeFileSync(ballast, Buffer.alloc(600_000));
  const before = contentsOf(path);
  expect(() => openDatabase(file, notesSchema(2))).toThrow(
    expect.objectContaining({
      code: 'store-backup-failed',
      message: expect.stringMatching(/left as it is\. Free some space and try again/),
    }),
  );
  expect(contentsOf(path)).toEqual(before);
  rmSync(ballast);
  openDatabase(file, notesSchema(2)).close();
  expect(rowsOf(file, 'SELECT length(text) AS length, by FROM notes')).toEqual([
    { length: 900_000, by: 'me' },
  ]);
});

test('what is erased is in no backup', async () => {
  await using folder = await temporaryFolder('migrate');
  const file = join(folder.path, 'store.db');
  {
    using older = openDatabase(file, notesSchema(1));
    older.exec("INSERT INTO notes VALUES ('planted')");
  }
  using database = openDatabase(file, notesSchema(2));
  expect(existsSync(`${file}.v1.backup`)).toBe(true);
  database.exec('DELETE FROM notes');
  await eraseDeleted(database, file);
  for (const [name, bytes] of contentsOf(folder.path))
    expect({ name, holds: Buffer.from(bytes, 'base64').includes('planted') }).toEqual({ name, holds: false });
  expect(existsSync(`${file}.v1.backup`)).toBe(false);
});
