import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { openEmbedder } from '../../src/embedding/index.ts';
import type { Embedder } from '../../src/embedding/contract.ts';
import { socketPath } from '../../src/embedding/socket-path.ts';
import { requireEmbedder } from '../fixtures/embedder.ts';
import { processesWith } from '../fixtures/processes.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import type { TemporaryFolder } from '../fixtures/temporary-folder.ts';

const LINGER_MS = 200;
const ENDED = { timeout: 20_000, interval: 50 };
const SENTENCES = ['A man is eating food.', 'Someone eats a meal.'] as const;

let home: TemporaryFolder;

beforeAll(async () => {
  home = await temporaryFolder('embedder');
});

afterAll(async () => {
  await vi.waitFor(async () => expect(await embedderProcesses()).toEqual([]), ENDED);
  await home[Symbol.asyncDispose]();
});

function embedderProcesses(): Promise<readonly number[]> {
  return processesWith('embedder-process', home.path);
}

function open(options: { readonly folder?: string; readonly idleMs?: number } = {}): Embedder {
  return openEmbedder({ homeFolder: home.path, folder: requireEmbedder(), lingerMs: LINGER_MS, ...options });
}

function cosine(left: Float32Array | undefined, right: Float32Array | undefined): number {
  if (left === undefined || right === undefined) return Number.NaN;
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? Number.NaN), 0);
}

async function nobodyLeft(): Promise<void> {
  await vi.waitFor(async () => expect(await embedderProcesses()).toEqual([]), ENDED);
}

describe('what goes wrong', () => {
  test('a missing model is told at once, with its folder and what to do', async () => {
    await using embedder = open({ folder: join(home.path, 'nothing') });
    await expect(embedder.embed(['text'])).rejects.toMatchObject({
      code: 'embedder-unavailable',
      message: expect.stringMatching(/nothing lacks onnx\/model_quantized\.onnx.*SWITCHYARD_EMBEDDER/s),
    });
    expect(() => embedder.id).toThrow(/lacks/);
    expect(await embedderProcesses()).toEqual([]);
  });

  test('a damaged model fails the request with its reason, and the process ends', async () => {
    const folder = join(home.path, 'damaged');
    await cp(requireEmbedder(), folder, { recursive: true });
    await writeFile(join(folder, 'onnx/model_quantized.onnx'), Buffer.from('no weights'.repeat(100)));
    await using embedder = open({ folder });
    await expect(embedder.embed(['text'])).rejects.toMatchObject({ code: 'embedder-unavailable' });
    await nobodyLeft();
  });

  test('a process that was killed is started again, and its address taken over', async () => {
    await using embedder = open();
    await embedder.embed(['first']);
    const [killed] = await embedderProcesses();
    expect(killed).toBeDefined();
    process.kill(killed ?? Number.NaN, 'SIGKILL');
    expect(await embedder.embed(['second'])).toHaveLength(1);
    const [started] = await embedderProcesses();
    expect(started).not.toBe(killed);
  });

  test('a process that dies in the middle of the work is started once more, and the work is done', async () => {
    await using embedder = open();
    await embedder.embed(['loaded']);
    const work = embedder.embed(Array.from({ length: 64 }, (_, index) => `${index} ${'words '.repeat(150)}`));
    const [killed] = await embedderProcesses();
    process.kill(killed ?? Number.NaN, 'SIGKILL');
    await expect(work).resolves.toHaveLength(64);
  });

  test('something else at the address ends in an error that names the failure', async () => {
    const idle = open();
    const other = createServer((socket) => {
      socket.on('data', () => socket.write(Buffer.alloc(64, 0xff)));
      socket.on('error', () => undefined);
    });
    await nobodyLeft();
    const address = socketPath(home.path, requireEmbedder(), idle.id);
    await rm(address, { force: true });
    await new Promise<void>((resolve) => other.listen(address, resolve));
    try {
      await expect(idle.embed(['text'])).rejects.toMatchObject({ code: 'embedder-unavailable' });
    } finally {
      await idle[Symbol.asyncDispose]();
      await new Promise((resolve) => other.close(resolve));
    }
  });

  test('an aborted request ends with the reason of its signal, and the next one is answered', async () => {
    await using embedder = open();
    await embedder.embed(['loaded']);
    const abort = new AbortController();
    const work = embedder.embed(
      Array.from({ length: 200 }, () => 'words '.repeat(200)),
      { signal: abort.signal },
    );
    const reason = new Error('no longer wanted');
    setImmediate(() => abort.abort(reason));
    await expect(work).rejects.toBe(reason);
    expect(await embedder.embed(['next'])).toHaveLength(1);
  });

  test('a closed embedder says that it is closed', async () => {
    const embedder = open();
    await embedder.embed(['text']);
    await embedder[Symbol.asyncDispose]();
    await embedder[Symbol.asyncDispose]();
    await expect(embedder.embed(['text'])).rejects.toThrow(/closed/);
  });
});

test('the cosine of two known sentences is the one that was measured', async () => {
  await using embedder = open();
  const [first, second] = await embedder.embed(SENTENCES);
  expect(Math.abs(cosine(first, second) - 0.759)).toBeLessThan(0.01);
});

test('vectors are normalised, in the order of the texts, and near for what means the same', async () => {
  await using embedder = open();
  const texts = [SENTENCES[0], 'x', `${'a long text of many words '.repeat(20)}`, SENTENCES[1], ''];
  const vectors = await embedder.embed(texts);
  expect(vectors.map((vector) => vector.length)).toEqual(texts.map(() => embedder.dimensions));
  for (const vector of vectors) expect(cosine(vector, vector)).toBeCloseTo(1, 4);
  expect(cosine(vectors[0], vectors[3])).toBeCloseTo(0.759, 1);
  const [alone] = await embedder.embed([SENTENCES[1]]);
  expect(cosine(alone, vectors[3])).toBeGreaterThan(0.98);
  expect(await embedder.embed([])).toEqual([]);
});

test('programs of one home share one process, however many start at once', async () => {
  await nobodyLeft();
  const embedders = Array.from({ length: 5 }, () => open());
  await Promise.all(embedders.map((embedder) => embedder.embed(SENTENCES)));
  await vi.waitFor(async () => expect(await embedderProcesses()).toHaveLength(1), ENDED);
  for (const embedder of embedders.slice(1)) await embedder[Symbol.asyncDispose]();
  expect(await embedders[0]?.embed(['still there'])).toHaveLength(1);
  await embedders[0]?.[Symbol.asyncDispose]();
  await nobodyLeft();
});

test('a question is answered before a large job that came first', async () => {
  await using bulk = open();
  await using asking = open();
  await Promise.all([bulk.embed(['loaded']), asking.embed(['loaded'])]);
  const order: string[] = [];
  const job = bulk
    .embed(Array.from({ length: 64 }, () => 'words '.repeat(100)))
    .then(() => order.push('job'));
  await asking.embed(['a question']).then(() => order.push('question'));
  await job;
  expect(order).toEqual(['question', 'job']);
});

test('an idle process ends although a client is connected, and the next request starts another', async () => {
  await nobodyLeft();
  await using embedder = open({ idleMs: 300 });
  await embedder.embed(['text']);
  await nobodyLeft();
  expect(await embedder.embed(['text again'])).toHaveLength(1);
});

test('a home folder with a long path is served through a private folder', async () => {
  const long = join(home.path, 'a-long-folder-name-'.repeat(4), 'a-long-folder-name-'.repeat(4));
  await mkdir(long, { recursive: true });
  await using embedder = openEmbedder({ homeFolder: long, folder: requireEmbedder(), lingerMs: LINGER_MS });
  const address = socketPath(long, requireEmbedder(), embedder.id);
  expect(Buffer.byteLength(address)).toBeLessThanOrEqual(100);
  expect(await embedder.embed(['text'])).toHaveLength(1);
  expect(await processesWith('embedder-process', address)).toHaveLength(1);
  await embedder[Symbol.asyncDispose]();
  await vi.waitFor(async () => expect(await processesWith('embedder-process', address)).toEqual([]), ENDED);
  await rm(long, { recursive: true });
});
