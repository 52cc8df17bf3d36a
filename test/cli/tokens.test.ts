/** `switchyard tokens` as a person uses it. */
import { expect, test } from 'vitest';

import { type Finished, switchyard } from '../fixtures/command-line.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a token is shown once, listed without it, and revoked', async () => {
  await using folder = await temporaryFolder('tokens-cli');
  const tokens = (...args: string[]): Promise<Finished> =>
    switchyard(['tokens', ...args], { cwd: folder.path, home: folder.path });

  expect(await tokens()).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('tokens add'),
  });
  const added = await tokens('add', 'laptop');
  expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining('not shown again') });
  expect(added.stdout).toMatch(/^swy_[2-9a-z]{8}_[\w-]{43}\n$/);
  expect(added.stderr).not.toContain('swy_');

  const before = Date.now();
  const guest = JSON.parse((await tokens('add', 'guest', '--expires', '90d', '--json')).stdout) as {
    readonly token: string;
    readonly expires: string;
  };
  expect(guest).toMatchObject({ name: 'guest', lastUsed: null, token: expect.stringMatching(/^swy_/) });
  const days = (Date.parse(guest.expires) - before) / 86_400_000;
  expect(days).toBeGreaterThan(89.9);
  expect(days).toBeLessThan(90.1);

  const listed = await tokens('list', '--json');
  expect(JSON.parse(listed.stdout)).toEqual([
    { name: 'guest', created: expect.any(String), lastUsed: null, expires: guest.expires },
    { name: 'laptop', created: expect.any(String), lastUsed: null, expires: null },
  ]);
  const shown = await tokens('list');
  expect(shown.stdout).toMatch(
    /^name\s+created\s+last used\s+expires\nguest .*never.*\nlaptop .*never\s+never\n$/,
  );
  for (const text of [listed.stdout, shown.stdout]) expect(text).not.toContain('swy_');

  expect(await tokens('add', 'laptop')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('switchyard tokens revoke laptop'),
  });
  expect(await tokens('revoke', 'nobody')).toMatchObject({ code: 2 });
  expect(await tokens('revoke', 'laptop')).toMatchObject({ code: 0, stdout: '' });
  expect(JSON.parse((await tokens('revoke', 'guest', '--json')).stdout)).toEqual({
    revoked: 'guest',
    left: 0,
  });
  expect(JSON.parse((await tokens('list', '--json')).stdout)).toEqual([]);
});
