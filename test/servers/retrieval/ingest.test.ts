import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { pdfWithText } from '../../fixtures/web/pdf.ts';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const GUIDE = `# Guide

The kettle boils at one hundred degrees. It takes a while.

## Exit codes

| code | meaning |
|---|---|
| 0 | the request was done |
| 3 | stopped by a limit |

\`\`\`sh
switchyard run "boil the kettle"

switchyard runs list
\`\`\`
`;

async function documentsOf(server: Awaited<ReturnType<World['start']>>): Promise<readonly string[]> {
  const { structured } = await server.call('list_documents');
  return (structured['documents'] as readonly { readonly source: string }[]).map(({ source }) => source);
}

describe('what is refused or passed over', () => {
  test('a path that is not there, with its name, and nothing is stored', async () => {
    await using world = await openWorld();
    const server = await world.start();
    const answer = await server.call('ingest', { paths: ['no/such/file.md'] });
    expect(answer).toMatchObject({
      isError: true,
      text: expect.stringContaining('no/such/file.md: there is no such file or folder'),
    });
    expect(await documentsOf(server)).toEqual([]);
  });

  test('one missing path does not stop the others', async () => {
    await using world = await openWorld({ files: { 'a.md': GUIDE } });
    const server = await world.start();
    const answer = await server.call('ingest', { paths: ['gone.md', 'a.md'] });
    expect(answer.isError).toBe(false);
    expect(answer.structured).toMatchObject({ added: 1, failures: [{ path: 'gone.md' }] });
  });

  test('an address, with what to do instead', async () => {
    await using world = await openWorld();
    const server = await world.start();
    for (const address of ['https://example.com/a.md', 'file:///etc/passwd']) {
      const answer = await server.call('ingest', { paths: [address] });
      expect(answer.isError).toBe(true);
      expect(answer.text).toContain(`${address} is an address`);
      expect(answer.text).toContain('save it first');
    }
  });

  test('the state folder, what lies in it, and ways around through links and parents', async () => {
    await using world = await openWorld();
    const server = await world.start();
    await writeFile(join(world.home, 'secret.md'), 'the secret of the state folder');
    await mkdir(join(world.project, 'links'));
    await symlink(world.home, join(world.project, 'links', 'state'));
    for (const path of [world.home, join(world.home, 'secret.md'), '../home/secret.md', 'links/state']) {
      const answer = await server.call('ingest', { paths: [path] });
      expect(answer.isError, path).toBe(true);
      expect(answer.text).toContain('never ingested');
    }
    await server.call('ingest', { paths: ['..'] });
    expect(await world.rows("SELECT text FROM chunks WHERE text LIKE '%secret%'")).toEqual([]);
  });

  test('binary, hidden and linked files and dependencies are passed over and counted by reason', async () => {
    await using world = await openWorld({
      files: {
        'kept.md': GUIDE,
        '.env': 'TOKEN=1',
        '.git/config': 'x',
        'node_modules/package/README.md': 'x',
      },
    });
    await world.put('image.dat', Buffer.from([1, 0, 2, 0]));
    await world.put('latin1.txt', Buffer.from('gr\u00FCn', 'latin1'));
    await symlink(join(world.project, 'kept.md'), join(world.project, 'link.md'));
    const server = await world.start();
    const answer = await server.call('ingest', { paths: ['.'] });
    expect(answer.structured).toMatchObject({ added: 1, skippedCount: 6, failures: [] });
    const skipped = answer.structured['skipped'] as readonly { path: string; reason: string }[];
    expect(Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]))).toEqual({
      '.env': 'hidden',
      '.git': 'version control or dependencies',
      node_modules: 'version control or dependencies',
      'link.md': 'symbolic link',
      'image.dat': 'binary',
      'latin1.txt': 'binary',
    });
    expect(answer.text).toContain('6 passed over');
    expect(await documentsOf(server)).toEqual(['kept.md']);
  });

  test('a PDF that cannot be read is named as such; a file that becomes binary is forgotten', async () => {
    await using world = await openWorld({ files: { 'notes.txt': 'The words of the notes.\n' } });
    await world.put('broken.pdf', '%PDF-1.7 and then nothing');
    const server = await world.start();
    const first = await server.call('ingest', { paths: ['.'] });
    expect(first.structured).toMatchObject({ added: 1, failures: [{ path: 'broken.pdf' }] });
    expect(first.text).toContain('it is no readable PDF');
    await world.put('notes.txt', Buffer.from([1, 0, 2, 0, 5]));
    expect((await server.call('ingest', { paths: ['.'] })).structured).toMatchObject({ removed: 1 });
    expect(await documentsOf(server)).toEqual([]);
  });
});

test('without an embedder an ingest says so, and search answers by words and says so', async () => {
  await using world = await openWorld({ files: { 'guide.md': GUIDE } });
  const server = await world.start();
  const ingested = await server.call('ingest', { paths: ['guide.md'] });
  expect(ingested.structured['note']).toContain('Search works by words only');
  const found = await server.call('search', { query: 'When does the kettle boil?', quotes: 1 });
  expect(found.structured).toMatchObject({ mode: 'lexical', vectors: 'unavailable' });
  expect(found.structured['note']).toContain('The embedder is not installed');
  expect(found.text).toContain('The embedder is not installed');
  expect(found.structured['quotes']).toMatchObject([{ source: 'guide.md', line: 3 }]);
  expect((await server.call('status')).structured['embedderProblem']).toContain('not installed');
});

test('only what changed is read again, and what is gone is forgotten', async () => {
  await using world = await openWorld({ files: { 'a.md': '# A\n\nfirst\n', 'b.md': '# B\n\nsecond\n' } });
  const server = await world.start();
  const ingest = async () => (await server.call('ingest', { paths: ['.'] })).structured;
  expect(await ingest()).toMatchObject({ added: 2, updated: 0, unchanged: 0, removed: 0, chunks: 2 });
  expect(await ingest()).toMatchObject({ added: 0, updated: 0, unchanged: 2, removed: 0, chunks: 0 });
  await world.put('a.md', '# A\n\nthird\n');
  await world.put('c.md', '# C\n\nfourth\n');
  await rm(join(world.project, 'b.md'));
  expect(await ingest()).toMatchObject({ added: 1, updated: 1, unchanged: 0, removed: 1, chunks: 2 });
  expect(await documentsOf(server)).toEqual(['a.md', 'c.md']);
  await rm(join(world.project, 'c.md'));
  const gone = await server.call('ingest', { paths: ['c.md'] });
  expect(gone.structured).toMatchObject({ removed: 1, failures: [] });
  expect(gone.isError).toBe(false);
});

test('a change within the same size and the same time stamp is seen', async () => {
  await using world = await openWorld();
  const server = await world.start();
  const stamp = new Date();
  const path = await world.put('a.txt', 'one word\n');
  await utimes(path, stamp, stamp);
  await server.call('ingest', { paths: ['.'] });
  await writeFile(path, 'two word\n');
  await utimes(path, stamp, stamp);
  expect((await server.call('ingest', { paths: ['.'] })).structured).toMatchObject({ updated: 1 });
});

test('every passage is the text of its lines, to the character', async () => {
  await using world = await openWorld({ files: { 'guide.md': GUIDE, 'windows.md': GUIDE } });
  await world.put('windows.md', GUIDE.replaceAll('\n', '\r\n'));
  const long = Array.from(
    { length: 120 },
    (_, index) => `Line ${index} tells of ships and lighthouses, and of the ${index} keepers who wrote.`,
  );
  const paragraphs = long.map((line, index) => (index % 7 === 6 ? `${line}\n` : line)).join('\n');
  await world.put('long.txt', paragraphs);
  await world.put('long.md', `---\ntitle: x\n---\n# Long\n\n${paragraphs}\n\n- one\n- two\n\n\n\nEnd.\n`);
  await world.put(
    'rows.md',
    `# Rows\n\n| a | b |\n|---|---|\n${long.map((line) => `| x | ${line} |`).join('\n')}\n`,
  );
  const server = await world.start();
  await server.call('ingest', { paths: ['.'] });
  const rows = await world.rows(
    'SELECT uri, text, start_line, end_line, line_numbers FROM chunks JOIN documents ON documents.id = document',
  );
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const lines = (await readFile(String(row['uri']), 'utf8')).split(/\r\n|\n/);
    const numbers =
      typeof row['line_numbers'] === 'string' ? (JSON.parse(row['line_numbers']) as number[]) : undefined;
    const source = (numbers ?? range(Number(row['start_line']), Number(row['end_line']))).map(
      (number) => lines[number - 1] ?? '',
    );
    const own = String(row['text']).split('\n');
    expect(own, JSON.stringify(row)).toHaveLength(source.length);
    // The first and the last line of a passage may be parts of long lines; those between are whole.
    for (const [index, line] of own.entries()) {
      if (index === 0 || index === own.length - 1) expect(source[index]).toContain(line);
      else expect(line).toBe(source[index]);
    }
  }
});

test('a table and a fenced block stay whole, under their heading', async () => {
  await using world = await openWorld({ files: { 'guide.md': GUIDE } });
  const server = await world.start();
  await server.call('ingest', { paths: ['.'] });
  const rows = await world.rows('SELECT text, embedded_heading FROM chunks ORDER BY position');
  expect(rows).toHaveLength(2);
  expect(rows[1]?.['embedded_heading']).toBe('Guide › Exit codes');
  expect(rows[1]?.['text']).toBe(GUIDE.slice(GUIDE.indexOf('| code')).trimEnd());
});

test('the quote of a row names the file and the line where the row stands', async () => {
  await using world = await openWorld({ files: { 'docs/guide.md': GUIDE } });
  const server = await world.start();
  await server.call('ingest', { paths: ['docs'] });
  const found = await server.call('search', { query: 'exit code stopped by a limit', quotes: 1 });
  const [quote] = found.structured['quotes'] as readonly Record<string, unknown>[];
  expect(quote).toMatchObject({ source: 'docs/guide.md', line: 10 });
  expect(quote?.['text']).toContain('stopped by a limit');
});

test('HTML is found without its frame and with the lines of its source, a PDF with its pages', async () => {
  await using world = await openWorld();
  await world.put(
    'page.html',
    '<html><head><title>Harbour</title><script>var tracked = 1;</script></head><body>\n<nav>Navigation frame</nav>\n' +
      '<h1>Harbour</h1>\n<p>The lighthouse keeper &amp; his dog\nslept all day.</p>\n<ul>\n<li>The lamp burns oil.</li>\n</ul>\n' +
      '<table><tr><th>ship</th><th>port</th></tr>\n<tr><td>Anna</td><td>Gdansk</td></tr></table></body></html>\n',
  );
  await world.put(
    'paper.pdf',
    pdfWithText('Paper', ['The first page has whales.', 'The second has dolphins.']),
  );
  const server = await world.start();
  expect((await server.call('ingest', { paths: ['.'] })).structured).toMatchObject({
    added: 2,
    failures: [],
  });
  const quote = async (query: string) =>
    (await server.call('search', { query, quotes: 1 })).structured['quotes'];
  expect(await quote('lighthouse keeper dog')).toMatchObject([{ source: 'page.html', line: 4 }]);
  expect(await quote('lamp oil')).toMatchObject([{ source: 'page.html', line: 7 }]);
  expect(await quote('Anna Gdansk')).toMatchObject([{ source: 'page.html', line: 10 }]);
  expect(await quote('dolphins')).toMatchObject([{ source: 'paper.pdf', page: 2 }]);
  const texts = await world.rows('SELECT text FROM chunks');
  expect(JSON.stringify(texts)).not.toMatch(/Navigation frame|tracked/);
});

test('removed text is in no byte of the data folder, and removing nothing is told', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `kept/${index}.md`,
      `# Kept ${index}\n\nOrdinary words ${index}.\n`,
    ]),
  );
  await using world = await openWorld({
    files: { ...files, 'secret.md': 'The safe opens with Zanzibarquux.\n' },
  });
  const server = await world.start();
  await server.call('ingest', { paths: ['.'] });
  expect(await world.filesWith('Zanzibarquux')).not.toEqual([]);
  expect((await server.call('remove', { paths: ['secret.md'] })).structured).toEqual({ removed: 1 });
  expect(await world.filesWith('Zanzibarquux', 'zanzibarquux', 'secret.md')).toEqual([]);
  expect((await server.call('search', { query: 'Zanzibarquux' })).structured['passages']).toEqual([]);
  expect((await server.call('list_documents')).structured['total']).toBe(40);
  const again = await server.call('remove', { paths: ['secret.md'] });
  expect(again).toMatchObject({ isError: true, text: expect.stringContaining('list_documents') });
});

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
