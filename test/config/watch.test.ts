/** The watch over a config, with the real file system. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { watchConfig } from '../../src/config/watch.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

interface Watched extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  changes(): number;
  trusts(): number;
  /** Resolves at the next change that is told after `act`. */
  changeAfter(act: () => Promise<unknown>): Promise<void>;
}

async function watched(
  prepare?: (folder: string, file: string) => Promise<void>,
  files: (folder: string) => readonly string[] = () => [],
): Promise<Watched> {
  const folder = await temporaryFolder('watch');
  const file = join(folder.path, 'mcp.config.json');
  await mkdir(join(folder.path, 'home'));
  if (prepare) await prepare(folder.path, file);
  else await writeFile(file, '{}');
  let changes = 0;
  let trusts = 0;
  let told = Promise.withResolvers<void>();
  const watch = await watchConfig({
    path: file,
    homeFolder: join(folder.path, 'home'),
    files: () => files(folder.path),
    onChange: () => {
      changes += 1;
      told.resolve();
    },
    onTrust: () => {
      trusts += 1;
      told.resolve();
    },
    onFailure: (reason) => told.reject(new Error(reason)),
  });
  return {
    folder: folder.path,
    file,
    changes: () => changes,
    trusts: () => trusts,
    async changeAfter(act) {
      told = Promise.withResolvers();
      await act();
      await told.promise;
    },
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('an edit, a replacement, a deletion and a return are each told once', async () => {
  await using watch = await watched();
  const { file, folder } = watch;
  await watch.changeAfter(() => writeFile(file, '{"a": 1}'));
  await watch.changeAfter(async () => {
    await writeFile(join(folder, 'new'), '{"a": 2}');
    await rename(join(folder, 'new'), file);
  });
  await watch.changeAfter(() => rm(file));
  await watch.changeAfter(() => mkdir(file));
  await watch.changeAfter(async () => {
    await rm(file, { recursive: true });
    await writeFile(file, '{"a": 3}');
  });
  expect(watch.changes()).toBe(5);
});

test('an editor that deletes and writes anew, and a write of the same text, are no deletion and no change', async () => {
  await using watch = await watched();
  const { file } = watch;
  await writeFile(file, '{}');
  await watch.changeAfter(async () => {
    await rm(file);
    await delay(100);
    await writeFile(file, '{"a": 1}');
  });
  expect(watch.changes()).toBe(1);
});

test('of a hundred edits in a second the last one is told, and few of the others', async () => {
  await using watch = await watched();
  const { file } = watch;
  await watch.changeAfter(async () => {
    for (let edit = 0; edit < 100; edit += 1) {
      await writeFile(file, JSON.stringify({ edit }));
      await delay(10);
    }
  });
  expect(watch.changes()).toBeLessThan(20);
  // What was told last is what is there: another edit is told anew.
  await watch.changeAfter(() => writeFile(file, '{"edit": "last"}'));
});

test('a config that is a link is followed: edits of what it leads to, and where it leads', async () => {
  await using watch = await watched(async (folder, file) => {
    await mkdir(join(folder, 'a'));
    await mkdir(join(folder, 'b'));
    for (const name of ['a', 'b']) await writeFile(join(folder, name, 'config.json'), `{"in": "${name}"}`);
    await symlink(join(folder, 'a', 'config.json'), file);
  });
  const { folder, file } = watch;
  await watch.changeAfter(() => writeFile(join(folder, 'a', 'config.json'), '{"in": "a, changed"}'));
  await watch.changeAfter(async () => {
    await symlink(join(folder, 'b', 'config.json'), `${file}.new`);
    await rename(`${file}.new`, file);
  });
  await watch.changeAfter(() => writeFile(join(folder, 'b', 'config.json'), '{"in": "b, changed"}'));
  expect(watch.changes()).toBe(3);
});

test('what a person accepts elsewhere is told, other files are not', async () => {
  await using watch = await watched();
  const { folder } = watch;
  await writeFile(join(folder, 'other.json'), '{}');
  await writeFile(join(folder, 'home', 'state.db'), 'x');
  await watch.changeAfter(() => writeFile(join(folder, 'home', 'trust.json'), '{}'));
  expect([watch.changes(), watch.trusts()]).toEqual([0, 1]);
});

test('a change of another file that the config is made of is one of the config, also where it is named later', async () => {
  const files: string[] = [];
  await using watch = await watched(undefined, (folder) => files.map((name) => join(folder, name)));
  await mkdir(join(watch.folder, 'steps'));
  await writeFile(join(watch.folder, 'steps/one.ts'), '1');
  files.push('steps/one.ts');
  // It is seen with the next look at the config.
  await watch.changeAfter(() => writeFile(watch.file, '{"a": 1}'));
  await expect
    .poll(
      async () => {
        await writeFile(join(watch.folder, 'steps/one.ts'), `${performance.now()}`);
        return watch.changes();
      },
      { timeout: 30_000, interval: 1_000 },
    )
    .toBeGreaterThan(1);
});
