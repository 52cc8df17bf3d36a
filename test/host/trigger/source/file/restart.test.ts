/** Files over restarts: nothing is lost, and nothing is told twice. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Files, openFiles } from './open-files.ts';

let files: Files;
beforeEach(async () => {
  files = await openFiles();
});
afterEach(() => files[Symbol.asyncDispose]());

const ALL = { on: ['added', 'changed', 'removed'] as ('added' | 'changed' | 'removed')[] };

test('what changed while nothing ran is told at the next start, and only that', async () => {
  for (const name of ['same', 'changed', 'removed']) await files.write(`${name}.txt`);
  await files.open(ALL);
  await files.close();
  await files.write('changed.txt', 'otherwise');
  await files.remove('removed.txt');
  await files.write('added.txt');
  await files.open(ALL);
  await expect.poll(files.changes).toEqual(['added added.txt', 'changed changed.txt', 'removed removed.txt']);
  await files.close();
  await files.open(ALL);
  await files.write('last.txt');
  await expect.poll(files.changes).toContain('added last.txt');
  expect(files.told.deliveries).toHaveLength(4);
});

test('with "skip" it is not, and what changes from then on is', async () => {
  await files.write('a.txt');
  await files.open(ALL);
  await files.close();
  await files.write('a.txt', 'otherwise');
  await files.write('b.txt');
  await files.open({ ...ALL, missed: 'skip' });
  await files.write('c.txt');
  await expect.poll(files.changes).toEqual(['added c.txt']);
  await files.remove('b.txt');
  await expect.poll(files.changes).toEqual(['added c.txt', 'removed b.txt']);
});

test('an event that was taken right before a crash is the same one after it', async () => {
  await files.open();
  await files.write('a.txt');
  await expect.poll(files.changes).toEqual(['added a.txt']);
  await files.close();
  await files.forgetSeen('a.txt');
  await files.open();
  await expect.poll(() => files.told.deliveries.length).toBe(2);
  expect(files.changes()).toEqual(['added a.txt']);
});

test('a change that cannot be written down is told again until it can, and told about once', async () => {
  await files.open();
  files.told.isFull = true;
  await files.write('a.txt');
  await files.write('b.txt');
  await expect.poll(() => files.told.problems.map(({ code }) => code)).toEqual(['event-not-written']);
  files.told.isFull = false;
  await expect.poll(files.changes).toEqual(['added a.txt', 'added b.txt']);
});

test('where as many events wait as may, further files wait in their folder, told about once', async () => {
  await files.open();
  files.told.isQueueFull = true;
  for (const name of ['a', 'b', 'c']) await files.write(`${name}.txt`);
  await expect.poll(() => files.told.problems.map(({ code }) => code)).toEqual(['events-wait']);
  files.told.isQueueFull = false;
  await expect.poll(files.changes).toEqual(['added a.txt', 'added b.txt', 'added c.txt']);
  expect(files.told.problems).toHaveLength(1);
});

test('one that could not be written down before the end is told at the next start', async () => {
  await files.open();
  files.told.isFull = true;
  await files.write('a.txt');
  await expect.poll(() => files.told.deliveries.length).toBeGreaterThan(0);
  await files.close();
  files.told.isFull = false;
  await files.open();
  await expect.poll(files.changes).toEqual(['added a.txt']);
});

test('other paths in the config do not start runs for what was there, and lose no change of the rest', async () => {
  await files.write('one/a.txt');
  await files.write('two/b.txt');
  await files.open({ paths: ['one'] });
  await files.close();
  await files.write('one/a.txt', 'otherwise');
  await files.open({ paths: ['one', 'two'] });
  await expect.poll(files.changes).toEqual(['changed one/a.txt']);
  await files.write('two/c.txt');
  await expect.poll(files.changes).toEqual(['added two/c.txt', 'changed one/a.txt']);
});

test('nothing is told after the end', async () => {
  const source = await files.open({ settleMs: 50 });
  await files.write('a.txt');
  await source[Symbol.asyncDispose]();
  const { length } = files.told.deliveries;
  await writeFile(join(files.folder, 'b.txt'), 'b');
  await rm(join(files.folder, 'a.txt'));
  await using other = await openFiles();
  await other.open();
  await other.write('c.txt');
  await expect.poll(other.changes).toEqual(['added c.txt']);
  expect(files.told.deliveries).toHaveLength(length);
});
