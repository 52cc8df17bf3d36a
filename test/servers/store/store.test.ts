import { execFile } from 'node:child_process';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openEmbedder } from '../../../src/embedding/index.ts';
import { Store } from '../../../src/servers/store/store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import type { TemporaryFolder } from '../../fixtures/temporary-folder.ts';
import { chunksOf, countingEmbedder, documentOf } from './world.ts';

const run = promisify(execFile);
const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));

let home: TemporaryFolder;
let embedder: ReturnType<typeof countingEmbedder>;

beforeAll(async () => {
  home = await temporaryFolder('store-home');
  embedder = countingEmbedder(home.path);
});

afterAll(async () => {
  await embedder[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

function open(folder: string): Store {
  return new Store({ folder, collection: 'test', embedder });
}

async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(files.map(async (file) => (await readFile(file)).includes(text)));
  return files.filter((_, index) => found[index]);
}

const ANIMALS = [
  'A cat sleeps on the warm windowsill.',
  'The submarine dives below the ice.',
  'Interest rates rose again in spring.',
] as const;

describe('what goes wrong', () => {
  test('without an embedder a search works by words and says why', async () => {
    await using folder = await temporaryFolder('store');
    const missing = openEmbedder({ homeFolder: home.path, folder: join(folder.path, 'none') });
    await using store = new Store({ folder: folder.path, collection: 'test', embedder: missing });
    store.put(documentOf('a'), chunksOf(...ANIMALS));
    const answer = await store.search('submarine', { limit: 5 });
    expect(answer).toMatchObject({
      mode: 'lexical',
      vectors: 'unavailable',
      note: expect.stringContaining('not installed'),
    });
    expect(answer.hits.map(({ chunk }) => chunk.text)).toEqual([ANIMALS[1]]);
    await expect(store.updateVectors()).rejects.toMatchObject({ code: 'embedder-unavailable' });
    expect(store.counts()).toMatchObject({ documents: 1, chunks: 3, embedderProblem: expect.any(String) });
    store.remove(['a']);
    await store.purge();
    expect(await filesWith(folder.path, 'submarine')).toEqual([]);
  });

  test('an embedder that is too slow for the question leaves an answer by words', async () => {
    await using folder = await temporaryFolder('store');
    await using store = open(folder.path);
    store.put(documentOf('a'), chunksOf(...ANIMALS));
    await store.updateVectors();
    const answer = await store.search('submarine', { limit: 5, vectorTimeoutMs: 0 });
    expect(answer).toMatchObject({
      mode: 'lexical',
      vectors: 'unavailable',
      note: expect.stringContaining('in time'),
    });
    expect(answer.hits).toHaveLength(1);
  });

  test('an index that was deleted is built again without embedding anything', async () => {
    await using folder = await temporaryFolder('store');
    {
      await using store = open(folder.path);
      store.put(documentOf('a'), chunksOf(...ANIMALS));
      await store.updateVectors();
    }
    await rm(join(folder.path, 'vectors.lance'), { recursive: true });
    const before = embedder.embedded();
    await using store = open(folder.path);
    await store.updateVectors();
    expect(embedder.embedded()).toBe(before);
    const { hits } = await store.search('a kitten naps', { limit: 1, mode: 'vector' });
    expect(hits[0]?.chunk.text).toBe(ANIMALS[0]);
  });

  test('a closed store says so, and closing twice is no fault', async () => {
    await using folder = await temporaryFolder('store');
    const store = open(folder.path);
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    expect(() => store.documents()).toThrow(expect.objectContaining({ code: 'store-closed' }));
  });

  test('closing in the middle of embedding ends it, and what was stored stays', async () => {
    await using folder = await temporaryFolder('store');
    const store = open(folder.path);
    store.put(
      documentOf('a'),
      chunksOf(...Array.from({ length: 400 }, (_, index) => `${index} ${'words '.repeat(80)}`)),
    );
    const update = store.updateVectors();
    const outcome = expect(update).rejects.toMatchObject({ code: 'store-closed' });
    await store[Symbol.asyncDispose]();
    await outcome;
    await using again = open(folder.path);
    expect(again.counts().chunks).toBe(400);
  });
});

test('ids depend on content alone: not on what was stored before, nor on the place in the document', async () => {
  await using first = await temporaryFolder('store');
  await using second = await temporaryFolder('store');
  await using one = open(first.path);
  await using other = open(second.path);
  one.put(documentOf('a'), chunksOf('x', 'same', 'same', 'y'));
  other.put(documentOf('b'), chunksOf('before'));
  other.put(documentOf('a'), chunksOf('something else'));
  other.put(documentOf('a'), chunksOf('same', 'new', 'y', 'same', 'x'));
  const ids = new Map(other.chunksOf('a').map(({ id, text }) => [id, text]));
  expect(one.chunksOf('a').map(({ id }) => ids.get(id))).toEqual(['x', 'same', 'same', 'y']);
  expect(ids.size).toBe(5);
});

test('a changed document keeps the vectors of what did not change', async () => {
  await using folder = await temporaryFolder('store');
  await using store = open(folder.path);
  expect(store.put(documentOf('a'), chunksOf(...ANIMALS))).toEqual({ added: 3, kept: 0, removed: 0 });
  await store.updateVectors();
  const before = embedder.embedded();
  const changed = chunksOf('A first line.', ANIMALS[0], ANIMALS[2]);
  expect(store.put(documentOf('a'), changed)).toEqual({ added: 1, kept: 2, removed: 1 });
  await store.updateVectors();
  expect(embedder.embedded()).toBe(before + 1);
  const kept = store.chunksOf('a').find(({ text }) => text === ANIMALS[0]);
  expect(kept).toMatchObject({ startLine: 2, endLine: 2 });
  const { hits } = await store.search('a boat under water', { limit: 5, mode: 'vector' });
  expect(hits.map(({ chunk }) => chunk.text)).not.toContain(ANIMALS[1]);
  expect(hits).toHaveLength(3);
});

test('each mode finds what it should, and a filter holds for all of them', async () => {
  await using folder = await temporaryFolder('store');
  await using store = open(folder.path);
  store.put(documentOf('/p/docs/a.md'), chunksOf(ANIMALS[0], ANIMALS[1]));
  store.put(documentOf('/p/docs-old/b.md'), chunksOf(ANIMALS[2], 'The cat chased a submarine in spring.'));
  expect((await store.search('kitten napping', { limit: 1 })).vectors).toBe('partial');
  await store.updateVectors();
  const first = async (query: string, mode: 'lexical' | 'vector' | 'fused'): Promise<string | undefined> =>
    (await store.search(query, { limit: 1, mode })).hits[0]?.chunk.text;
  expect(await first('central banks and inflation', 'vector')).toBe(ANIMALS[2]);
  expect(await first('central banks and inflation', 'lexical')).toBeUndefined();
  expect(await first('submarine ice', 'lexical')).toBe(ANIMALS[1]);
  expect(await first('submarine under ice', 'fused')).toBe(ANIMALS[1]);
  for (const mode of ['lexical', 'vector', 'fused'] as const) {
    const { hits, vectors } = await store.search('cat submarine spring', {
      limit: 9,
      mode,
      filter: { below: '/p/docs/' },
    });
    expect(new Set(hits.map(({ chunk }) => chunk.uri))).toEqual(new Set(['/p/docs/a.md']));
    expect(vectors).toBe(mode === 'lexical' ? 'unused' : 'ready');
  }
});

test('after a purge no file holds a word of what was removed, and the rest is found', async () => {
  await using folder = await temporaryFolder('store');
  await using store = open(folder.path);
  store.put(documentOf('gone', { title: 'unrepeatable-title' }), chunksOf('The zyzzyva weevil is a secret.'));
  store.put(documentOf('kept'), chunksOf(ANIMALS[0], ANIMALS[1]));
  await store.updateVectors();
  expect(await filesWith(folder.path, 'zyzzyva')).not.toEqual([]);
  const before = embedder.embedded();
  expect(store.remove(['gone', 'never there'])).toBe(1);
  await store.purge();
  for (const trace of ['zyzzyva', 'weevil', 'unrepeatable'])
    expect(await filesWith(folder.path, trace)).toEqual([]);
  const { hits, vectors } = await store.search('a kitten naps', { limit: 5, mode: 'vector' });
  expect(vectors).toBe('ready');
  expect(hits.map(({ chunk }) => chunk.uri)).toEqual(['kept', 'kept']);
  expect(embedder.embedded()).toBe(before + 1);
});

test('three processes that store, embed, search and remove at once lose nothing', async () => {
  await using folder = await temporaryFolder('store');
  const count = 40;
  const names = ['red', 'green', 'blue'];
  await Promise.all(
    names.map((name) => run(process.execPath, [WRITER, folder.path, home.path, name, String(count)])),
  );
  await using store = new Store({ folder: folder.path, collection: 'shared', embedder });
  const before = embedder.embedded();
  await store.updateVectors();
  expect(embedder.embedded()).toBe(before);
  const left = names.length * (count - 1);
  expect(store.counts()).toMatchObject({ documents: left, chunks: left, embedded: left, indexed: left });
  const { hits } = await store.search('a sentence', { limit: left * 2, mode: 'vector' });
  expect(new Set(hits.map(({ chunk }) => chunk.uri)).size).toBe(left);
  for (const name of names) expect(store.documents({ below: `${name}-0` })).toEqual([]);
});
