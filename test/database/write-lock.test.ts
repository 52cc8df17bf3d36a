import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { withWriteLock } from '../../src/database/write-lock.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const MODULE = fileURLToPath(new URL('../../src/database/write-lock.ts', import.meta.url));

test('who waits in vain stops with the reason of its signal', async () => {
  await using folder = await temporaryFolder('lock');
  const file = join(folder.path, 'x.lock');
  const reason = new Error('no more time');
  await withWriteLock(file, new AbortController().signal, async () => {
    const abort = new AbortController();
    const waiting = withWriteLock(file, abort.signal, async () => 'never');
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

test('work that fails frees the lock', async () => {
  await using folder = await temporaryFolder('lock');
  const file = join(folder.path, 'x.lock');
  const { signal } = new AbortController();
  const failing = withWriteLock(file, signal, () => Promise.reject(new Error('failed')));
  await expect(failing).rejects.toThrow('failed');
  expect(await withWriteLock(file, signal, async () => 'free')).toBe('free');
});

test('a holder that is killed frees the lock', async () => {
  await using folder = await temporaryFolder('lock');
  const file = join(folder.path, 'x.lock');
  const program = `
    const { withWriteLock } = await import(${JSON.stringify(MODULE)});
    await withWriteLock(${JSON.stringify(file)}, new AbortController().signal, async () => {
      process.stdout.write('held');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const order: string[] = [];
  const waiting = withWriteLock(file, AbortSignal.timeout(20_000), async () => order.push('taken'));
  order.push('killing');
  holder.kill('SIGKILL');
  await waiting;
  expect(order).toEqual(['killing', 'taken']);
});

test('one works at a time', async () => {
  await using folder = await temporaryFolder('lock');
  const file = join(folder.path, 'x.lock');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([1, 2, 3, 4].map(() => withWriteLock(file, new AbortController().signal, work)));
  expect(most).toBe(1);
});
