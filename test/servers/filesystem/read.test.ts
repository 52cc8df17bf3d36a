import { execFileSync } from 'node:child_process';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { openWorld } from './world.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

describe('read_file refuses', () => {
  test('a binary file, with its type and size', async () => {
    await using world = await openWorld();
    await world.put('paper.pdf', Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(100)]));
    await world.put('blob', Buffer.from([1, 0, 2, 0, 3]));
    expect((await world.call('read_file', { path: 'paper.pdf' })).text).toContain(
      'a PDF document (application/pdf), 109 bytes',
    );
    expect((await world.call('read_file', { path: 'blob' })).text).toContain(
      'a binary file of unknown type, 5 bytes',
    );
  });

  test('a folder, a named pipe and a device', async () => {
    await using world = await openWorld({ files: { 'sub/a': 'a' } });
    execFileSync('mkfifo', [join(world.root, 'pipe')]);
    expect((await world.call('read_file', { path: 'sub' })).text).toContain('is a folder');
    expect((await world.call('read_file', { path: 'pipe' })).text).toContain('not a regular file');
  });

  test('to read a large file whole, and says how to go on', async () => {
    await using world = await openWorld();
    const path = await world.put('big.log', 'line\n'.repeat(3_000));
    await truncate(path, 11 * 1024 * 1024);
    const answer = await world.call('read_file', { path: 'big.log' });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('11.0 MB, over the limit of 10.0 MB');
    expect(answer.text).toContain('startLine');
  });

  test('a range that is upside down or beyond the end', async () => {
    await using world = await openWorld({ files: { a: '1\n2\n3\n' } });
    expect((await world.call('read_file', { path: 'a', startLine: 3, endLine: 2 })).text).toContain(
      'before startLine',
    );
    expect((await world.call('read_file', { path: 'a', startLine: 4 })).text).toContain(
      'the file has 3 lines',
    );
  });
});

describe('read_file', () => {
  test('gives the text exactly, with what kind of text it is', async () => {
    await using world = await openWorld();
    const cases = [
      [
        'lf',
        Buffer.from('ä\nb\n'),
        { content: 'ä\nb\n', totalLines: 2, encoding: 'utf-8', lineEnding: 'lf' },
      ],
      [
        'crlf',
        Buffer.from('a\r\nb'),
        { content: 'a\r\nb', totalLines: 2, encoding: 'utf-8', lineEnding: 'crlf' },
      ],
      [
        'bom',
        Buffer.from('\u{FEFF}a\r\nb\n'),
        { content: 'a\r\nb\n', encoding: 'utf-8-bom', lineEnding: 'mixed' },
      ],
      [
        'utf16',
        Buffer.from('\u{FEFF}ä', 'utf16le'),
        { content: 'ä', encoding: 'utf-16le', lineEnding: 'none' },
      ],
      ['utf16be', Buffer.from('\u{FEFF}ä', 'utf16le').swap16(), { content: 'ä', encoding: 'utf-16be' }],
      ['latin1', Buffer.from('gr\u{FC}n\n', 'latin1'), { content: 'grün\n', encoding: 'latin1' }],
      ['empty', Buffer.from(''), { content: '', totalLines: 0, truncated: false }],
    ] as const;
    for (const [path, bytes, expected] of cases) {
      await world.put(path, bytes);
      expect((await world.call('read_file', { path })).structured, path).toMatchObject(expected);
    }
  });

  test('a range tells where it stands', async () => {
    await using world = await openWorld({ files: { a: 'one\ntwo\nthree\nfour' } });
    const answer = await world.call('read_file', { path: 'a', startLine: 2, endLine: 3 });
    expect(answer.structured).toMatchObject({
      content: 'two\nthree\n',
      startLine: 2,
      endLine: 3,
      totalLines: 4,
    });
    expect(answer.text).toContain('[Lines 2 to 3 of 4.]');
    const toEnd = await world.call('read_file', { path: 'a', startLine: 3, endLine: 99 });
    expect(toEnd.structured).toMatchObject({ content: 'three\nfour', endLine: 4, truncated: false });
  });

  test('a range of a file over the limit is read without the rest', async () => {
    await using world = await openWorld();
    const lines = Array.from({ length: 1_000_000 }, (_, index) => `line ${index + 1} ä\n`);
    await world.put('big.log', lines.join(''));
    const answer = await world.call('read_file', { path: 'big.log', startLine: 900_000, endLine: 900_001 });
    expect(answer.structured).toMatchObject({
      content: 'line 900000 ä\nline 900001 ä\n',
      totalLines: 1_000_000,
      truncated: false,
    });
  });

  test('a line over the limit is cut, and the answer says so', async () => {
    await using world = await openWorld();
    await world.put('one-line.json', `${'x'.repeat(11 * 1024 * 1024)}\n`);
    const answer = await world.call('read_file', { path: 'one-line.json', startLine: 1 });
    expect(answer.structured).toMatchObject({ truncated: true, totalLines: 1, endLine: 1 });
    expect(answer.text.slice(-200)).toContain('Cut at 10.0 MB within line 1');
  });

  test('an image arrives as an image', async () => {
    await using world = await openWorld();
    await world.put('dot.png', PNG);
    const answer = await world.call('read_file', { path: 'dot.png' });
    expect(answer.content).toContainEqual({
      type: 'image',
      data: PNG.toString('base64'),
      mimeType: 'image/png',
    });
    expect(answer.structured).toEqual({
      path: 'dot.png',
      type: 'image',
      sizeBytes: PNG.length,
      mimeType: 'image/png',
    });
  });
});

describe('list_directory, directory_tree and file_info', () => {
  test('a long folder is listed in parts that say so', async () => {
    await using world = await openWorld();
    for (let index = 0; index < 1_005; index += 1)
      await world.put(`many/${String(index).padStart(4, '0')}`, '');
    const first = await world.call('list_directory', { path: 'many' });
    expect(first.structured).toMatchObject({ totalEntries: 1_005, nextStartAt: 1_000 });
    expect(first.text).toContain('1 to 1000 shown; go on with startAt 1000');
    const second = await world.call('list_directory', { path: 'many', startAt: 1_000 });
    expect(second.structured['entries']).toHaveLength(5);
    expect(second.structured['nextStartAt']).toBeUndefined();
  });

  test('listing a file says that it is none', async () => {
    await using world = await openWorld({ files: { a: 'a' } });
    expect((await world.call('list_directory', { path: 'a' })).text).toContain('is a file, not a folder');
  });

  test('a tree shows near entries first and says what its limits left out', async () => {
    await using world = await openWorld({
      files: { 'a/b/c/d.txt': '', 'a/x.txt': '', 'z.txt': '', 'node_modules/m/index.js': '' },
    });
    const shallow = await world.call('directory_tree', { depth: 2 });
    expect(shallow.structured).toMatchObject({ truncated: true });
    expect(shallow.text).toContain('node_modules/ (not entered)');
    expect(shallow.text).toContain('b/ (deeper)');
    expect(shallow.text).toContain('depth is 2');
    const few = await world.call('directory_tree', { depth: 9, maxEntries: 4 });
    expect(few.text).toContain('z.txt');
    expect(few.text).toContain('maxEntries is 4');
    const all = await world.call('directory_tree', { depth: 9 });
    expect(all.structured).toMatchObject({ truncated: false });
    expect(all.text).toContain('d.txt');
  });

  test('file_info tells what a file is', async () => {
    await using world = await openWorld();
    await world.put('dot.png', PNG);
    await world.put('a.txt', 'text');
    expect((await world.call('file_info', { path: 'dot.png' })).structured).toMatchObject({
      type: 'file',
      content: 'image/png',
    });
    expect((await world.call('file_info', { path: 'a.txt' })).structured).toMatchObject({
      content: 'text, utf-8',
      sizeBytes: 4,
    });
    expect((await world.call('file_info', { path: '.' })).structured).toMatchObject({ type: 'directory' });
  });
});
