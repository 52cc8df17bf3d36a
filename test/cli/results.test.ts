import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { switchyard } from '../fixtures/command-line.ts';
import { NEEDLE } from '../fixtures/mcp/oversized-text.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const HANDLE = /switchyard:\/\/results\/[0-9a-f]{32}/;

test('a result that a call left too long is read, searched and handed on by later commands', async () => {
  await using folder = await temporaryFolder('results-cli');
  const config = join(folder.path, 'config.json');
  const server = join(import.meta.dirname, '../fixtures/mcp/oversized.ts');
  await writeFile(
    config,
    JSON.stringify({ mcpServers: { big: { command: process.execPath, args: [server] } } }),
  );
  const run = (...args: string[]) =>
    switchyard([...args, '--config', config], { cwd: folder.path, home: folder.path });

  const listed = await run('tools');
  expect(listed.code).toBe(0);
  expect(await readdir(folder.path)).not.toContain('state.db');

  const called = await run('call', 'big__report', JSON.stringify({ kind: 'small' }));
  expect(called.code).toBe(0);
  expect(called.stdout.length).toBeGreaterThan(2_900_000);
  expect(called.stdout).toContain(`\n${NEEDLE}`);
  const uri = HANDLE.exec(called.stderr)?.[0] ?? 'none';

  const read = await run('read', uri);
  expect([read.code, read.stdout === called.stdout]).toEqual([0, true]);
  const search = await run(
    'call',
    'switchyard__result_search',
    JSON.stringify({ uri, pattern: '^needle', context: 0 }),
  );
  expect(search.stdout).toContain(`1 match:\n\nline 5001, character `);
  const digest = await run('call', 'big__digest', JSON.stringify({ text: uri }));
  expect(JSON.parse(digest.stdout)).toMatchObject({ characters: read.stdout.length - 1 });

  const unknown = await run('read', `switchyard://results/${'0'.repeat(32)}`);
  expect([unknown.code, unknown.stdout]).toEqual([1, '']);
  expect(unknown.stderr).toContain('There is no stored result');
  const resources = await run('resources', '--json');
  expect(resources.stdout).not.toMatch(HANDLE);
});
