import { truncate } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { openWorld } from './world.ts';

describe('search_content', () => {
  test('a pattern that backtracks for ever is stopped, and the server goes on', async () => {
    await using world = await openWorld({
      files: { 'a.txt': 'found early\n', 'evil.txt': `${'a'.repeat(60)}!\n` },
    });
    const answer = await world.call('search_content', { pattern: '^(a+)+$|early' });
    expect(answer.structured).toMatchObject({ complete: false, matches: [{ path: 'a.txt', line: 1 }] });
    expect(answer.text).toContain('no headway for 5 s at evil.txt');
    expect((await world.call('list_roots')).isError).toBe(false);
  });

  test('a cancelled search stops at once', async () => {
    await using world = await openWorld({ files: { 'evil.txt': `${'a'.repeat(60)}!\n` } });
    const abort = new AbortController();
    const started = performance.now();
    const call = world.server.client.callTool(
      { name: 'search_content', arguments: { pattern: '^(a+)+$' } },
      { signal: abort.signal, onprogress: () => abort.abort() },
    );
    await expect(call).rejects.toThrow();
    expect((await world.call('list_roots')).isError).toBe(false);
    expect(performance.now() - started).toBeLessThan(4_500);
  });

  test('a pattern that is none is explained', async () => {
    await using world = await openWorld();
    const answer = await world.call('search_content', { pattern: 'a(b' });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('set literal');
  });

  test('says what was left out: binary, large, ignored, long', async () => {
    await using world = await openWorld({
      files: { 'a.txt': 'needle\n', 'node_modules/m/a.txt': 'needle\n', '.git/a': 'needle\n' },
    });
    await world.put('blob.bin', Buffer.from('needle\0'));
    await world.put('long.txt', `${'x'.repeat(20_000)}needle\n`);
    await truncate(await world.put('huge.txt', 'needle\n'), 51 * 1024 * 1024);
    const answer = await world.call('search_content', { pattern: 'needle' });
    expect(answer.structured).toMatchObject({ matches: [{ path: 'a.txt' }], complete: true });
    expect(answer.text).toContain('2 folders of tools not entered (.git, node_modules)');
    expect(answer.text).toContain('1 binary files skipped');
    expect(answer.text).toContain('files over 50 MB skipped: huge.txt');
    expect(answer.text).toContain('1 lines searched only in their first 10,000 characters');
    const all = await world.call('search_content', { pattern: 'needle', includeIgnored: true });
    expect(all.structured['matches']).toHaveLength(3);
  });

  test('finds lines with their neighbours, by glob, case and literal text', async () => {
    await using world = await openWorld({
      files: { 'a.ts': 'one\r\ntwo (x)\r\nthree\r\n', 'b.md': 'TWO (x)\n', 'sub/c.ts': 'two (x)\n' },
    });
    const near = await world.call('search_content', { pattern: 'two', glob: '*.ts', contextLines: 1 });
    expect(near.structured['matches']).toEqual([
      { path: 'a.ts', line: 2, text: 'two (x)', before: ['one'], after: ['three'] },
      { path: 'sub/c.ts', line: 1, text: 'two (x)', before: [], after: [] },
    ]);
    expect(near.text).toContain('a.ts:2: two (x)');
    const literal = await world.call('search_content', {
      pattern: 'two (x)',
      literal: true,
      ignoreCase: true,
    });
    expect(literal.structured['matches']).toHaveLength(3);
    const inline = await world.call('search_content', { pattern: '(?i)TWO', path: 'a.ts' });
    expect(inline.structured['matches']).toMatchObject([{ path: 'a.ts', line: 2 }]);
    const unicode = await world.call('search_content', { pattern: '^\\p{Lu}+', glob: '*.md' });
    expect(unicode.structured['matches']).toMatchObject([{ path: 'b.md', text: 'TWO (x)' }]);
  });

  test('stops at maxResults and says that there are more', async () => {
    await using world = await openWorld({ files: { a: 'x\n'.repeat(50) } });
    const answer = await world.call('search_content', { pattern: 'x', maxResults: 10 });
    expect(answer.structured).toMatchObject({ complete: false });
    expect(answer.structured['matches']).toHaveLength(10);
    expect(answer.text).toContain('stopped at maxResults 10; there are more');
    const exact = await world.call('search_content', { pattern: 'x', maxResults: 50 });
    expect(exact.structured).toMatchObject({ complete: true });
  });
});

describe('search_files', () => {
  test('a file as the place to search is explained', async () => {
    await using world = await openWorld({ files: { a: 'a' } });
    expect((await world.call('search_files', { pattern: '*', path: 'a' })).text).toContain('is a file');
  });

  test('a glob meant to be slow does not hold up the server', async () => {
    await using world = await openWorld({ files: { [`${'a'.repeat(200)}b`]: '' } });
    const answer = await world.call('search_files', { pattern: `${'*a'.repeat(40)}c` });
    expect(answer.structured['matches']).toEqual([]);
    expect((await world.call('list_roots')).isError).toBe(false);
  });

  test('a name matches anywhere, a path from the searched folder', async () => {
    await using world = await openWorld({
      files: {
        'src/a.ts': '',
        'src/deep/b.ts': '',
        'test/a.ts': '',
        '.hidden/c.ts': '',
        'node_modules/d.ts': '',
      },
    });
    const paths = async (args: Record<string, unknown>): Promise<unknown[]> => {
      const { structured } = await world.call('search_files', args);
      return (structured['matches'] as { path: string }[]).map(({ path }) => path);
    };
    expect(await paths({ pattern: '*.ts' })).toEqual([
      '.hidden/c.ts',
      'src/a.ts',
      'src/deep/b.ts',
      'test/a.ts',
    ]);
    expect(await paths({ pattern: 'src/**/*.ts' })).toEqual(['src/a.ts', 'src/deep/b.ts']);
    expect(await paths({ pattern: '{a,b}.ts', path: 'src' })).toEqual(['src/a.ts', 'src/deep/b.ts']);
    expect(await paths({ pattern: 'd.ts', includeIgnored: true })).toEqual(['node_modules/d.ts']);
    expect(await paths({ pattern: '*.ts', maxResults: 2 })).toHaveLength(2);
  });
});
