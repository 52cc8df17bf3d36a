import { readFile, writeFile } from 'node:fs/promises';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test, vi } from 'vitest';

import { RUNNER, answerOf } from '../../fixtures/start-server.ts';
import { openWorld } from './world.ts';

const SELECT_IDS =
  'SELECT chunks.id, uri FROM chunks JOIN documents ON documents.id = document ORDER BY uri, position';

function guide(name: string, sections: number): string {
  const section = (index: number): string =>
    `## Part ${index} of ${name}\n\n${`The ${name} has a part ${index} that tells of it. `.repeat(30)}\n`;
  return `# ${name}\n\n${Array.from({ length: sections }, (_, index) => section(index)).join('\n')}`;
}

test('a damaged store fails each call with its path and advice, stays as it is, and the server lives', async () => {
  await using world = await openWorld({ files: { 'a.md': '# Kettle\n\nIt boils.' } });
  const first = await world.start();
  await first.call('ingest', { paths: ['.'] });
  await first[Symbol.asyncDispose]();
  const [file = ''] = await world.filesWith('It boils.');
  expect(file).toMatch(/store\.db$/);
  const damaged = Buffer.from('this is no database '.repeat(500));
  await writeFile(file, damaged);
  const server = await world.start({ args: ['--source', '.'] });
  for (const [tool, given] of [
    ['search', { query: 'kettle' }],
    ['ingest', { paths: ['a.md'] }],
    ['list_documents', {}],
    ['remove', { paths: ['a.md'] }],
    ['status', {}],
  ] as const) {
    const answer = await server.call(tool, given);
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(file);
    expect(answer.text).toMatch(/left as it is.*move it away/s);
  }
  expect((await readFile(file)).equals(damaged)).toBe(true);
});

test('a full disk ends an ingest in a clear error, and what was stored before is found', async () => {
  await using world = await openWorld({ files: { 'small.md': '# Kettle\n\nThe kettle boils.' } });
  const roomy = await world.start();
  await roomy.call('ingest', { paths: ['small.md'] });
  await roomy[Symbol.asyncDispose]();
  await world.put('large.md', guide('encyclopedia', 2_000));
  // No file may grow beyond 512 blocks, which the program meets as a disk that takes no more.
  const limited = `trap '' XFSZ; ulimit -f 512; exec "$0" "$@"`;
  const client = new Client({ name: 'test', version: '1' });
  const args = ['-c', limited, process.execPath, RUNNER, 'retrieval', '--project', world.project];
  const env = { SWITCHYARD_HOME: world.home, SWITCHYARD_EMBEDDER: `${world.home}/none/none`, PATH: '' };
  await client.connect(new StdioClientTransport({ command: '/bin/sh', args, env, stderr: 'ignore' }));
  try {
    const answer = answerOf(await client.callTool({ name: 'ingest', arguments: { paths: ['large.md'] } }));
    expect(answer).toMatchObject({
      isError: true,
      text: expect.stringMatching(/store\.db could not be written.*intact.*Free some space/s),
    });
  } finally {
    await client.close();
  }
  const again = await world.start();
  const found = await again.call('search', { query: 'kettle' });
  expect(found.text).toContain('The kettle boils.');
  expect(await world.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect((await again.call('ingest', { paths: ['.'] })).structured).toMatchObject({ added: 1, unchanged: 1 });
});

test('an ingest that was killed in its midst gives the same passages when it is done again', async () => {
  const names = Array.from({ length: 120 }, (_, index) => `book-${index}`);
  const files = Object.fromEntries(names.map((name) => [`${name}.md`, guide(name, 6)]));
  await using world = await openWorld({ files });
  const server = await world.start();
  const ingest = server.call('ingest', { paths: ['.'] });
  const outcome = expect(ingest).rejects.toThrow();
  const stored = async (): Promise<number> => (await world.rows(SELECT_IDS).catch(() => [])).length;
  await vi.waitFor(async () => expect(await stored()).toBeGreaterThan(20), { timeout: 20_000, interval: 2 });
  process.kill(server.pid, 'SIGKILL');
  await outcome;
  const before = await world.rows(SELECT_IDS);
  expect(new Set(before.map(({ uri }) => uri)).size).toBeLessThan(names.length);
  await (await world.start()).call('ingest', { paths: ['.'] });
  const other = `${world.home}-other`;
  await (await world.start({ home: other })).call('ingest', { paths: ['.'] });
  const after = await world.rows(SELECT_IDS);
  expect(after).toEqual(await world.rows(SELECT_IDS, other));
  const ids = new Set(after.map(({ id }) => id));
  for (const { id } of before) expect(ids).toContain(id);
});

test('two servers that ingest, search and remove at once lose nothing', async () => {
  const files = Object.fromEntries(
    ['left', 'right'].flatMap((side) =>
      Array.from({ length: 8 }, (_, index) => [
        `${side}/${index}.md`,
        `# ${side} ${index}\n\nThe ${side} lamp ${index} is lit.`,
      ]),
    ),
  );
  await using world = await openWorld({ embedder: true, files });
  const [left, right] = await Promise.all([world.start(), world.start()]);
  const work = async (server: typeof left, side: string): Promise<void> => {
    expect((await server.call('ingest', { paths: [side] })).isError).toBe(false);
    expect((await server.call('search', { query: `${side} lamp` })).isError).toBe(false);
    expect((await server.call('remove', { paths: [`${side}/0.md`] })).structured).toMatchObject({
      removed: 1,
    });
  };
  await Promise.all([work(left, 'left'), work(right, 'right')]);
  const status = async (): Promise<Record<string, unknown>> => (await left.call('status')).structured;
  expect(await status()).toMatchObject({ documents: 14, chunks: 14, embedded: 14, indexed: 14 });
  for (const server of [left, right]) {
    const { structured } = await server.call('search', {
      query: 'which lamp is lit',
      mode: 'vector',
      limit: 20,
    });
    expect(structured).toMatchObject({ mode: 'vector', vectors: 'ready' });
    expect(structured['passages']).toHaveLength(14);
  }
});
