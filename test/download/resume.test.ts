import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { downloadResuming, type ResumeOptions } from '../../src/download/resume.ts';
import { type Hub, startHub } from '../fixtures/local/hub.ts';
import { mountSmallDisk } from '../fixtures/small-disk.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const CONTENT = randomBytes(300_000);
const QUICK = { retryDelayMs: 1, maxFutileAttempts: 3 } as const;

function from(hub: Hub, file: string, options: Partial<ResumeOptions> = {}): Promise<void> {
  return downloadResuming({ url: `${hub.url}/model`, file, sizeBytes: CONTENT.length, ...QUICK, ...options });
}

describe('what goes wrong', () => {
  test('a transfer that is cut five times is whole in the end, each time from where it stopped', async () => {
    await using folder = await temporaryFolder('resume');
    const file = join(folder.path, 'model');
    const cutAfter = [50_000, 1, 70_000, 20_000, 100_000];
    await using hub = await startHub({ content: CONTENT, cutAfter, file });
    const seen: number[] = [];
    await from(hub, file, { onProgress: (bytes) => seen.push(bytes) });
    expect(CONTENT.equals(await readFile(file))).toBe(true);
    const starts = [50_000, 50_001, 120_001, 140_001, 240_001];
    expect(hub.ranges).toEqual(['', ...starts.map((start) => `bytes=${start}-`)]);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(seen.at(-1)).toBe(CONTENT.length);
  });

  test('a server without ranges is read from the start again', async () => {
    await using folder = await temporaryFolder('resume');
    await using hub = await startHub({ content: CONTENT, cutAfter: [120_000], ranges: false });
    const file = join(folder.path, 'model');
    await from(hub, file);
    expect(CONTENT.equals(await readFile(file))).toBe(true);
  });

  test('a server that cuts every answer before it grows is given up', async () => {
    await using folder = await temporaryFolder('resume');
    await using hub = await startHub({ content: CONTENT, cutAfter: [0, 0, 0, 0, 0, 0] });
    await expect(from(hub, join(folder.path, 'model'))).rejects.toMatchObject({ code: 'cut' });
    expect(hub.ranges).toHaveLength(QUICK.maxFutileAttempts);
  });

  test('a silent server is given up with what was waited for', async () => {
    await using folder = await temporaryFolder('resume');
    await using hub = await startHub({ content: CONTENT, isSilent: true });
    const downloading = from(hub, join(folder.path, 'model'), { idleTimeoutMs: 30 });
    await expect(downloading).rejects.toThrow(/nothing came for 0.03 s/);
  });

  test.each([
    [404, 'refused', 1],
    [403, 'refused', 1],
    [503, 'cut', QUICK.maxFutileAttempts],
    [416, 'cut', QUICK.maxFutileAttempts],
  ])('%i is %s after %i requests', async (status, code, requests) => {
    await using folder = await temporaryFolder('resume');
    await using hub = await startHub({ content: CONTENT, status });
    await expect(from(hub, join(folder.path, 'model'))).rejects.toMatchObject({
      code,
      ...(status === 416 ? {} : { message: expect.stringContaining(`answered with ${status}`) }),
    });
    expect(hub.ranges).toHaveLength(requests);
  });

  test('more bytes than expected are refused before they fill the disk', async () => {
    await using folder = await temporaryFolder('resume');
    await using hub = await startHub({ content: CONTENT });
    const file = join(folder.path, 'model');
    await expect(from(hub, file, { sizeBytes: 1_000 })).rejects.toMatchObject({ code: 'altered' });
    expect((await stat(file)).size).toBeLessThanOrEqual(1_000);
  });

  test('another part than the one asked for is refused', async () => {
    await using folder = await temporaryFolder('resume');
    await using hub = await startHub({
      content: CONTENT,
      contentRange: `bytes 5-${CONTENT.length - 1}/${CONTENT.length}`,
    });
    const file = join(folder.path, 'model');
    await writeFile(file, CONTENT.subarray(0, 100));
    await expect(from(hub, file)).rejects.toMatchObject({ code: 'altered' });
  });

  test('an abort ends it with its reason and keeps what came', async () => {
    await using folder = await temporaryFolder('resume');
    await using hub = await startHub({ content: CONTENT });
    const file = join(folder.path, 'model');
    const abort = new AbortController();
    const reason = new Error('the person went away');
    const onProgress = (bytes: number): void => {
      if (bytes >= 100_000) abort.abort(reason);
    };
    await expect(from(hub, file, { signal: abort.signal, onProgress })).rejects.toBe(reason);
    expect((await stat(file)).size).toBeGreaterThanOrEqual(100_000);
  });

  test('a disk that runs out says so and keeps what fits', async (context) => {
    await using folder = await temporaryFolder('resume');
    const disk = join(folder.path, 'disk');
    await using mount = await mountSmallDisk(disk, '128k');
    if (mount === undefined) context.skip('a small file system cannot be mounted by this user');
    await using hub = await startHub({ content: CONTENT });
    await expect(from(hub, join(disk, 'model'))).rejects.toMatchObject({ code: 'disk-full' });
  });
});

test('a file that is complete is not asked for', async () => {
  await using folder = await temporaryFolder('resume');
  await using hub = await startHub({ content: CONTENT });
  const file = join(folder.path, 'model');
  await writeFile(file, CONTENT);
  await from(hub, file);
  expect(hub.ranges).toEqual([]);
});
