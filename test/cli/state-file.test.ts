import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { expect, test } from 'vitest';

import { openState } from '../../src/host/state.ts';
import { switchyard } from '../fixtures/command-line.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** What a person may find where `state.db` should be, and what they are told. */
const FILES: readonly (readonly [string, (file: string, home: string) => void, RegExp])[] = [
  [
    'that is no database',
    (file) => writeFileSync(file, 'my own notes\n'.repeat(600)),
    /^\S+state\.db is damaged or no database .* left as it is\. Restore it from a backup, or move it away/,
  ],
  [
    'that was cut off',
    (file, home) => {
      openState(home)[Symbol.dispose]();
      truncateSync(file, 10_000);
    },
    /^\S+state\.db is damaged or no database .* left as it is\. Restore it from a backup, or move it away/,
  ],
  [
    'whose list of tables is damaged',
    (file, home) => {
      openState(home)[Symbol.dispose]();
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0xa5, 100, 4_096));
    },
    /^\S+state\.db is damaged or no database .* left as it is\. Restore it from a backup, or move it away/,
  ],
  [
    'of another program',
    (file) => {
      using other = new DatabaseSync(file);
      other.exec('CREATE TABLE places (url TEXT); PRAGMA user_version = 3');
    },
    /^\S+state\.db is a database of another program\. It was left as it is\. Move it away, .* SWITCHYARD_HOME/,
  ],
  [
    'of a newer program',
    (_, home) => {
      using state = openState(home);
      state.database.exec('PRAGMA user_version = 999');
    },
    /^\S+state\.db has version 999, .* up to \d+\. It was left as it is\. Use the newer program that wrote it/,
  ],
];

test.each(FILES)(
  'a state.db %s is refused with its path and advice, and stays as it is',
  async (_, write, says) => {
    await using folder = await temporaryFolder('state-file');
    const file = join(folder.path, 'state.db');
    write(file, folder.path);
    const before = readFileSync(file);
    writeFileSync(join(folder.path, 'mcp.config.json'), '{}');
    const { code, stdout, stderr } = await switchyard(['sessions', '--config', 'mcp.config.json'], {
      cwd: folder.path,
      home: folder.path,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toContain(file);
    expect(readFileSync(file).equals(before)).toBe(true);
  },
);

test('a state.db of the program before runs were kept is brought up to date, with a copy of what it was beside', async () => {
  await using folder = await temporaryFolder('state-file');
  const file = join(folder.path, 'state.db');
  {
    using old = new DatabaseSync(file);
    old.exec(readFileSync(join(import.meta.dirname, '../fixtures/state-v3.sql'), 'utf8'));
  }
  writeFileSync(join(folder.path, 'mcp.config.json'), '{}');
  const options = { cwd: folder.path, home: folder.path };
  const config = ['--config', 'mcp.config.json'];
  const listed = await switchyard(['sessions', 'list', '--all', ...config], options);
  expect(listed).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('Where is the harbour?'),
  });
  const backup = `${file}.v3.backup`;
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  {
    using before = new DatabaseSync(backup, { readOnly: true });
    expect(before.prepare('PRAGMA user_version').get()?.['user_version']).toBe(3);
    expect(before.prepare('SELECT count(*) AS count FROM messages').get()?.['count']).toBe(2);
  }
  // It holds what is deleted.
  expect(await switchyard(['sessions', 'delete', 'trip', '--yes', ...config], options)).toMatchObject({
    code: 0,
  });
  expect(readdirSync(folder.path).filter((name) => name.startsWith('state.db.'))).toEqual([]);
});
