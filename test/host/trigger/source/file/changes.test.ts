/** What of a folder is told while it is watched. */
import { chmod, mkdir, rename, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { FileSurroundings } from '../../../../../src/host/trigger/source/file/file-source.ts';
import { temporaryFolder } from '../../../../fixtures/temporary-folder.ts';
import { type Files, openFiles } from './open-files.ts';

let files: Files;
beforeEach(async () => {
  files = await openFiles();
});
afterEach(() => files[Symbol.asyncDispose]());

const ALL = { on: ['added', 'changed', 'removed'] as ('added' | 'changed' | 'removed')[] };
/** Something else that is told last, so that what was not told before it never will be. */
async function last(): Promise<void> {
  await files.write('last.txt');
  await expect.poll(files.changes).toContain('added last.txt');
}
const changes = () => files.changes().filter((change) => change !== 'added last.txt');

test('a file is told when it is added, changed and removed, each once, with what it is like', async () => {
  await files.open(ALL);
  await files.write('notes/a.md', 'one');
  await expect.poll(files.changes).toEqual(['added notes/a.md']);
  await files.write('notes/a.md', 'two and more');
  await expect.poll(files.changes).toEqual(['added notes/a.md', 'changed notes/a.md']);
  await files.remove('notes/a.md');
  await expect.poll(files.changes).toEqual(['added notes/a.md', 'changed notes/a.md', 'removed notes/a.md']);
  const [added, changed, removed] = files.told.events;
  const file = { path: 'notes/a.md', name: 'a.md', absolutePath: join(files.folder, 'notes/a.md') };
  expect(added?.data).toEqual({ ...file, change: 'added', sizeBytes: 3, modifiedAt: expect.any(String) });
  expect(changed?.data).toMatchObject({ sizeBytes: 12 });
  expect(removed?.data).toEqual({ ...file, change: 'removed' });
  expect(new Set(files.told.events.map(({ id }) => id)).size).toBe(3);
});

test('by default what is removed starts nothing, and what is there at first neither', async () => {
  await files.write('old.txt');
  await files.open();
  await files.write('new.txt');
  await expect.poll(files.changes).toEqual(['added new.txt']);
  await files.remove('old.txt');
  await files.remove('new.txt');
  await last();
  expect(changes()).toEqual(['added new.txt']);
});

test('an editor that writes anew and renames has changed the file, and left nothing else', async () => {
  await files.write('a.txt', 'one');
  await files.open(ALL);
  await files.write('a.txt.tmp', 'two, which is longer');
  await files.move('a.txt.tmp', 'a.txt');
  await last();
  expect(changes()).toEqual(['changed a.txt']);
});

test('a renamed file is removed and added, and one that comes back is added again', async () => {
  await files.write('a.txt');
  await files.open(ALL);
  await files.move('a.txt', 'b.txt');
  await expect.poll(files.changes).toEqual(['added b.txt', 'removed a.txt']);
  await files.move('b.txt', 'a.txt');
  await expect.poll(files.changes).toEqual(['added a.txt', 'added b.txt', 'removed a.txt', 'removed b.txt']);
  await files.move('a.txt', 'b.txt');
  await expect.poll(() => files.changes().filter((one) => one.startsWith('added b')).length).toBe(2);
});

test('other permissions are no change, and the same text at another time is one', async () => {
  await files.write('a.txt');
  await files.open(ALL);
  await chmod(join(files.folder, 'a.txt'), 0o600);
  await last();
  expect(changes()).toEqual([]);
  await utimes(join(files.folder, 'a.txt'), new Date(), new Date(1_700_000_000_000));
  await expect.poll(changes).toEqual(['changed a.txt']);
});

test('thousands of files at once are told, each once', async () => {
  await files.open({ paths: ['inbox/**'] }, { lookEveryMs: 1_000 });
  const names = Array.from({ length: 3_000 }, (_, count) => `inbox/${count % 50}/file-${count}.txt`);
  for (let from = 0; from < names.length; from += 200)
    await Promise.all(names.slice(from, from + 200).map((name) => files.write(name)));
  await expect.poll(() => files.told.events.length, { timeout: 30_000 }).toBe(names.length);
  expect(files.told.deliveries).toHaveLength(names.length);
  expect(files.changes()).toEqual(names.map((name) => `added ${name}`).sort());
});

test('more files than are looked at are told, and those within the limit are watched', async () => {
  for (let count = 0; count < 20; count += 1) await files.write(`old-${count}.txt`);
  await files.open({}, { maxFiles: 10 });
  expect(files.told.problems).toMatchObject([{ code: 'too-many-files' }]);
  await files.write('new.txt');
  await expect.poll(files.changes).toEqual(['added new.txt']);
});

describe('folders', () => {
  test('one that does not exist yet is told, and watched as soon as it is there', async () => {
    await files.open({ paths: ['in/box/*.pdf'] });
    expect(files.told.problems).toMatchObject([{ code: 'folder-missing' }]);
    await files.write('in/box/a.pdf');
    await files.write('in/box/a.txt');
    await expect.poll(files.changes).toEqual(['added in/box/a.pdf']);
  });

  test('one that goes away as a whole, as a drive does, removes nothing, and its files are known when it is back', async () => {
    await files.write('drive/a.txt');
    await files.open({ ...ALL, paths: ['drive', 'last.txt'] }, { lookEveryMs: 50 });
    await files.move('drive', 'elsewhere');
    await expect.poll(() => files.told.problems.map(({ code }) => code)).toContain('folder-missing');
    await files.move('elsewhere', 'drive');
    await last();
    expect(changes()).toEqual([]);
    await files.write('drive/a.txt', 'something else');
    await expect.poll(changes).toEqual(['changed drive/a.txt']);
  });

  test('one that is moved in has all its files added', async () => {
    await files.write('outside/deep/a.txt');
    await files.write('inbox/seen.txt');
    await files.open({ paths: ['inbox'] });
    await files.move('outside', 'inbox/new');
    await expect.poll(files.changes).toEqual(['added inbox/new/deep/a.txt']);
  });

  test('one that may not be read keeps its files as they were', async () => {
    await files.write('closed/a.txt');
    await files.open(ALL, { lookEveryMs: 50 });
    await chmod(join(files.folder, 'closed'), 0o000);
    try {
      await last();
      expect(changes()).toEqual([]);
    } finally {
      await chmod(join(files.folder, 'closed'), 0o755);
    }
  });
});

describe('what is meant', () => {
  test('globs, names and folders, and nothing that programs keep for themselves', async () => {
    await files.open({ paths: ['*.md', 'inbox', 'notes.txt', 'src/{a,b}/**/*.ts'] });
    const meant = ['read.md', 'inbox/a', 'inbox/b/c.bin', 'notes.txt', 'src/a/x.ts', 'src/b/c/d.ts'];
    const others = [
      'deep/read.md',
      'other.txt',
      'src/c/x.ts',
      'src/a/x.js',
      '.hidden.md',
      'inbox/.a',
      'inbox/.git/config',
      'inbox/node_modules/x.js',
      'inbox/b/.cache/x',
      'inbox/a.pdf.part',
      'inbox/a.txt~',
    ];
    for (const path of [...others, ...meant]) await files.write(path);
    await expect.poll(() => files.told.events.length).toBeGreaterThanOrEqual(meant.length);
    expect(files.changes()).toEqual(meant.map((path) => `added ${path}`).sort());
  });

  test('dotfiles where they are asked for or written out', async () => {
    await files.open({ paths: ['all/**', '.github/**/*.yml', 'x/.env'], dotfiles: true });
    for (const path of ['all/.a', 'all/.b/c', 'all/.git/x', '.github/w/ci.yml', 'x/.env'])
      await files.write(path);
    await expect
      .poll(files.changes)
      .toEqual(['added .github/w/ci.yml', 'added all/.a', 'added all/.b/c', 'added x/.env']);
  });

  test('an own list of what is left out stands in the place of the usual one', async () => {
    await files.open({ paths: ['in'], ignore: ['*.log', 'drafts/**'] });
    for (const path of ['in/a.log', 'in/drafts/a', 'in/deep/drafts/a', 'in/a.tmp']) await files.write(path);
    await expect.poll(files.changes).toEqual(['added in/a.tmp', 'added in/deep/drafts/a']);
  });

  test('what the program itself writes never starts a run', async () => {
    await files.open({ paths: ['.'], dotfiles: true, ignore: [] });
    await files.write('home/logs/a.jsonl');
    await last();
    expect(changes()).toEqual([]);
  });
});

describe('links', () => {
  test('a link out of the folder starts nothing, and is told once', async () => {
    await using secret = await temporaryFolder('secret');
    await using around = await temporaryFolder('around');
    await files.open({ ...ALL, paths: ['in'] }, { lookEveryMs: 50 });
    await files.write('in/a.txt');
    await symlink('/etc/passwd', join(files.folder, 'in/file.txt'));
    await symlink(secret.path, join(files.folder, 'in/folder'));
    await symlink(around.path, join(around.path, 'circle'));
    await symlink(join(files.folder, 'in'), join(files.folder, 'in/again'));
    await expect.poll(() => files.told.problems.map(({ code }) => code)).toContain('link-outside');
    await expect.poll(files.changes).toEqual(['added in/a.txt']);
    await rename(join(files.folder, 'in/file.txt'), join(files.folder, 'in/other.txt'));
    await files.write('in/b.txt');
    await expect.poll(files.changes).toEqual(['added in/a.txt', 'added in/b.txt']);
    expect(files.told.problems.filter(({ code }) => code === 'link-outside')).toHaveLength(1);
  });

  test('a folder of the way that becomes a link out of it is not followed', async () => {
    await using secret = await temporaryFolder('secret');
    await files.write('in/deep/a.txt');
    await files.open({ ...ALL, paths: ['in'] }, { lookEveryMs: 50 });
    await files.move('in/deep', 'was');
    await mkdir(join(secret.path, 'deep'));
    await symlink(secret.path, join(files.folder, 'in/deep'));
    await files.write('was/b.txt');
    await rename(join(files.folder, 'was/b.txt'), join(secret.path, 'a.txt'));
    await files.write('in/last.txt');
    await expect.poll(files.changes).toContain('added in/last.txt');
    expect(files.changes().filter((change) => change.startsWith('added'))).toEqual(['added in/last.txt']);
  });

  test('a link to a file of the folder is a file of its own name', async () => {
    await files.write('in/a.txt');
    await files.open({ paths: ['in'] });
    await symlink('a.txt', join(files.folder, 'in/b.txt'));
    await expect.poll(files.changes).toEqual(['added in/b.txt']);
  });

  test('a folder that is named may be a link itself', async () => {
    await using elsewhere = await temporaryFolder('elsewhere');
    await symlink(elsewhere.path, join(files.folder, 'in'));
    await files.open({ paths: ['in/*.txt'] });
    await files.write('in/a.txt');
    await expect.poll(files.changes).toEqual(['added in/a.txt']);
  });
});

test('where the system watches no more files, that is told with what to do, and changes are found all the same', async () => {
  const hints: FileSurroundings['hints'] = async ({ onFailure }) => {
    for (let count = 0; count < 3; count += 1)
      onFailure(
        Object.assign(new Error('System limit for number of file watchers reached'), { code: 'ENOSPC' }),
      );
    return { [Symbol.asyncDispose]: async () => undefined };
  };
  await files.open({}, { hints, lookUnwatchedEveryMs: 50 });
  expect(files.told.problems).toHaveLength(1);
  expect(files.told.problems[0]?.message).toContain('fs.inotify.max_user_watches');
  await files.write('a.txt');
  await expect.poll(files.changes).toEqual(['added a.txt']);
});
