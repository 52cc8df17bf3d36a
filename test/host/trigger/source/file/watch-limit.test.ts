/** A system that watches fewer folders than there are: a real limit of the kernel, in a user namespace of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { COMPILE_CACHE } from '../../../../fixtures/compile-cache.ts';
import { temporaryFolder } from '../../../../fixtures/temporary-folder.ts';

const LIMIT = 'echo 5 > /proc/sys/user/max_inotify_watches';
const isPossible = spawnSync('unshare', ['-Ur', 'sh', '-c', LIMIT]).status === 0;
const WATCHER = join(import.meta.dirname, '../../../../fixtures/file-watcher.ts');

test.skipIf(!isPossible)(
  'it is told once, with what to do, and every change is found all the same',
  async () => {
    await using folder = await temporaryFolder('watch-limit');
    const names = Array.from({ length: 20 }, (_, count) => `folder-${count}`);
    for (const name of names) await mkdir(join(folder.path, name));
    const command = `${LIMIT}; exec "${process.execPath}" --no-warnings "${WATCHER}" "${folder.path}"`;
    const child = spawn('unshare', ['-Ur', 'sh', '-c', command], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...COMPILE_CACHE, PATH: process.env['PATH'] ?? '' },
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const lines = (start: string) => output.split('\n').filter((line) => line.startsWith(start));
    try {
      await expect.poll(() => lines('open'), { timeout: 30_000 }).toHaveLength(1);
      for (const name of names) await writeFile(join(folder.path, name, 'a.txt'), name);
      await expect
        .poll(() => lines('event').sort(), { timeout: 30_000 })
        .toEqual(names.map((name) => `event ${name}/a.txt`).sort());
      expect(lines('problem')).toEqual([expect.stringMatching(/^problem watch-limit .*max_user_watches/)]);
    } finally {
      child.kill('SIGKILL');
      await closed;
    }
  },
);
