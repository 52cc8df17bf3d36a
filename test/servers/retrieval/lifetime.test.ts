import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, test, vi } from 'vitest';

import { processesWith } from '../../fixtures/processes.ts';
import { openWorld, storeFile } from './world.ts';
import type { World } from './world.ts';

const SOON = { timeout: 30_000, interval: 10 };
const MANY = 150;

function manyFiles(name = 'file'): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: MANY }, (_, index) => [
      `${name}/${index}.md`,
      `# ${name} ${index}\n\n${`The keeper of lighthouse ${index} writes down ships and weather. `.repeat(12)}\n`,
    ]),
  );
}

async function waitForChunks(world: World, atLeast: number, table = 'chunks'): Promise<void> {
  await vi.waitFor(async () => {
    const [row] = await world.rows(`SELECT count(*) AS count FROM ${table}`);
    expect(Number(row?.['count'])).toBeGreaterThanOrEqual(atLeast);
  }, SOON);
}

describe('what goes wrong', () => {
  test('two servers that ingest into one collection at once lose nothing', async () => {
    await using world = await openWorld({ files: { ...manyFiles('left'), ...manyFiles('right') } });
    const [left, right] = await Promise.all([world.start(), world.start()]);
    const answers = await Promise.all([
      left.call('ingest', { paths: ['left', 'right'] }),
      right.call('ingest', { paths: ['right', 'left'] }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ isError: false });
    for (const server of [left, right]) {
      expect((await server.call('list_documents')).structured['total']).toBe(2 * MANY);
      const found = await server.call('search', { query: 'lighthouse', path: 'right/7.md' });
      expect(found.structured['passages']).toMatchObject([{ source: 'right/7.md' }]);
    }
    expect(await world.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });

  test('a full disk ends in a clear error, and what was stored before is found', async (context) => {
    await using world = await openWorld({
      files: { 'first.md': 'The first note is about herons.\n', ...manyFiles() },
    });
    const small = join(world.home, 'small');
    await mkdir(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      context.skip('A small file system cannot be mounted here; it takes root.');
    }
    try {
      await using server = await world.start({ home: small });
      expect((await server.call('ingest', { paths: ['first.md'] })).isError).toBe(false);
      const full = await server.call('ingest', { paths: ['.'] });
      expect(full.isError).toBe(true);
      expect(full.text).toMatch(/the disk is full or failing.*Free some space/s);
      const found = await server.call('search', { query: 'herons' });
      expect(found.structured['passages']).toMatchObject([{ source: 'first.md' }]);
      expect(await world.rows('PRAGMA integrity_check', small)).toEqual([{ integrity_check: 'ok' }]);
      await server[Symbol.asyncDispose]();
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test('a store of a newer program is refused with its path and advice, and left byte for byte', async () => {
    await using world = await openWorld({ files: { 'a.md': 'Words.\n' } });
    const first = await world.start();
    await first.call('ingest', { paths: ['.'] });
    await first[Symbol.asyncDispose]();
    const file = await storeFile(world.home);
    {
      using database = new DatabaseSync(file);
      database.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99');
    }
    const before = await readFile(file);
    const server = await world.start({ args: ['--source', '.'] });
    const answer = await server.call('ingest', { paths: ['.'] });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(file);
    expect(answer.text).toMatch(/version 99.*left as it is.*newer program/s);
    await server[Symbol.asyncDispose]();
    expect((await readFile(file)).equals(before)).toBe(true);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('an ingest that is cancelled stops, and the server goes on', async () => {
    await using world = await openWorld({ files: manyFiles() });
    const server = await world.start();
    const abort = new AbortController();
    const ingest = server.client.callTool(
      { name: 'ingest', arguments: { paths: ['.'] } },
      { signal: abort.signal },
    );
    const outcome = expect(ingest).rejects.toThrow();
    await waitForChunks(world, 5, 'documents');
    abort.abort(new Error('no longer wanted'));
    await outcome;
    // The next ingest takes its turn only after the cancelled one has ended.
    await server.call('ingest', { paths: ['file/0.md'] });
    expect((await server.call('list_documents')).structured['total']).toBeLessThan(MANY);
  });
});

describe('with the embedder', () => {
  test('a killed embedder process comes back for the next search', async () => {
    await using world = await openWorld({ embedder: true, files: { 'a.md': 'A cat sleeps on the sill.\n' } });
    const server = await world.start();
    const ingested = await server.call('ingest', { paths: ['.'] });
    expect(ingested.structured['note']).toBeUndefined();
    const [embedder] = await processesWith('embedder-process', world.home);
    process.kill(embedder ?? Number.NaN, 'SIGKILL');
    await vi.waitFor(async () => {
      const found = await server.call('search', { query: 'a kitten naps' });
      expect(found.structured).toMatchObject({ mode: 'fused', vectors: 'ready' });
      expect(found.structured['passages']).toMatchObject([{ source: 'a.md' }]);
    }, SOON);
    expect(await processesWith('embedder-process', world.home)).not.toContain(embedder);
  });

  test('a server that is closed while vectors are being made ends soon', async () => {
    await using world = await openWorld({ embedder: true, files: manyFiles() });
    const server = await world.start({ args: ['--source', 'file'] });
    await server.call('status');
    await vi.waitFor(
      async () => expect(await processesWith('embedder-process', world.home)).toHaveLength(1),
      SOON,
    );
    const start = performance.now();
    await server[Symbol.asyncDispose]();
    // The client itself kills what has not ended after two seconds.
    expect(performance.now() - start).toBeLessThan(1_900);
    expect(server.stderr()).toContain('end of standard input');
    expect(server.stderr()).not.toMatch(/took too long|failed/);
  });
});

test('sources can be searched at once, and what changed between two starts is followed', async () => {
  await using world = await openWorld({
    files: { 'docs/a.md': 'The heron stands in the pond.\n', 'docs/b.md': 'The otter swims.\n' },
  });
  const args = ['--source', 'docs', '--source', 'missing.md'];
  const first = await world.start({ args });
  const found = await first.call('search', { query: 'heron', quotes: 1 });
  expect(found.structured['quotes']).toMatchObject([{ source: 'docs/a.md', line: 1 }]);
  expect(first.stderr()).toMatch(/source not indexed.*missing\.md/);
  await first[Symbol.asyncDispose]();
  await world.put('docs/a.md', 'A first line.\n\nThe badger digs.\n');
  const second = await world.start({ args });
  expect((await second.call('search', { query: 'heron' })).structured['passages']).toEqual([]);
  const badger = await second.call('search', { query: 'badger', quotes: 1 });
  expect(badger.structured['quotes']).toMatchObject([{ source: 'docs/a.md', line: 3 }]);
});
