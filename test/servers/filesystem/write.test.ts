import { execFileSync } from 'node:child_process';
import { chmod, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { mountSmallDisk } from '../../fixtures/small-disk.ts';
import { startServer } from '../../fixtures/start-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { openWorld } from './world.ts';

describe('write_file', () => {
  test('a full disk leaves the old file whole, leaves nothing else, and says so', async (context) => {
    await using folder = await temporaryFolder('full-disk');
    const disk = join(folder.path, 'disk');
    await using mount = await mountSmallDisk(disk, '64k');
    if (mount === undefined) context.skip('a small file system cannot be mounted by this user');
    await writeFile(join(disk, 'note.txt'), 'the old text');
    await using server = await startServer('filesystem', {
      args: ['--root', disk],
      env: { SWITCHYARD_HOME: join(folder.path, 'home') },
    });
    const answer = await server.call('write_file', { path: 'note.txt', content: 'x'.repeat(200_000) });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('disk is full');
    expect(await readFile(join(disk, 'note.txt'), 'utf8')).toBe('the old text');
    expect(await readdir(disk)).toEqual(['note.txt']);
    const edit = { oldText: 'old', newText: 'y'.repeat(200_000) };
    expect((await server.call('edit_file', { path: 'note.txt', edits: [edit] })).text).toContain(
      'disk is full',
    );
    expect(await readFile(join(disk, 'note.txt'), 'utf8')).toBe('the old text');
  });

  test('does not replace a folder or a pipe, nor write below a file', async () => {
    await using world = await openWorld({ files: { 'sub/a': 'a', file: 'f' } });
    execFileSync('mkfifo', [join(world.root, 'pipe')]);
    expect((await world.call('write_file', { path: 'sub', content: 'x' })).text).toContain('is a folder');
    expect((await world.call('write_file', { path: 'pipe', content: 'x' })).text).toContain('pipe');
    expect((await world.call('write_file', { path: 'file/below', content: 'x' })).isError).toBe(true);
    expect(await readFile(join(world.root, 'file'), 'utf8')).toBe('f');
  });

  test('creates parents, tells created from replaced, and keeps the mode', async () => {
    await using world = await openWorld();
    const created = await world.call('write_file', { path: 'a/b/run.sh', content: 'echo 1\n' });
    expect(created.structured).toEqual({ path: 'a/b/run.sh', sizeBytes: 7, created: true });
    const file = join(world.root, 'a/b/run.sh');
    await chmod(file, 0o754);
    const replaced = await world.call('write_file', { path: 'a/b/run.sh', content: 'echo 2\n' });
    expect(replaced.structured).toMatchObject({ created: false });
    expect((await stat(file)).mode & 0o777).toBe(0o754);
    expect(await readFile(file, 'utf8')).toBe('echo 2\n');
    expect(await readdir(join(world.root, 'a/b'))).toEqual(['run.sh']);
  });

  test('writes through a link inside the root and keeps the link', async () => {
    await using world = await openWorld({ files: { 'real.txt': 'old' } });
    await symlink('real.txt', join(world.root, 'link.txt'));
    await world.call('write_file', { path: 'link.txt', content: 'new' });
    expect(await readFile(join(world.root, 'real.txt'), 'utf8')).toBe('new');
    expect((await world.call('file_info', { path: 'link.txt' })).structured).toMatchObject({
      type: 'symlink',
      linkLeadsOutside: false,
    });
  });

  test('a reader never sees half of a file', async () => {
    await using world = await openWorld({ files: { 'data.txt': 'a'.repeat(300_000) } });
    const file = join(world.root, 'data.txt');
    const seen = new Set<string>();
    let isWriting = true;
    const reading = (async () => {
      while (isWriting) seen.add([...new Set(await readFile(file, 'utf8'))].join(''));
    })();
    for (const letter of ['b', 'c', 'd', 'e']) {
      await world.call('write_file', { path: 'data.txt', content: letter.repeat(300_000) });
    }
    isWriting = false;
    await reading;
    expect([...seen].every((letters) => letters.length === 1)).toBe(true);
  });

  test('takes a text of 20 MB', async () => {
    await using world = await openWorld();
    const answer = await world.call('write_file', { path: 'big.txt', content: 'ä'.repeat(10 * 1024 * 1024) });
    expect(answer.structured).toMatchObject({ sizeBytes: 20 * 1024 * 1024 });
  });
});

describe('edit_file', () => {
  const edit = (oldText: string, newText: string, more: object = {}) => [{ oldText, newText, ...more }];

  test('a text that is not there points at the line that nearly is', async () => {
    await using world = await openWorld({ files: { 'a.ts': 'function one() {\n\treturn 1;\n}\n' } });
    const indented = await world.call('edit_file', {
      path: 'a.ts',
      edits: edit('function one() {\n  return 1;\n}', ''),
    });
    expect(indented.isError).toBe(true);
    expect(indented.text).toContain('Nearly at line 1, but line 2 is "\\treturn 1;"');
    expect(indented.text).toContain('only white space differs');
    const misspelt = await world.call('edit_file', { path: 'a.ts', edits: edit('functoin one() {', '') });
    expect(misspelt.text).toContain('line 1: "function one() {"');
  });

  test('a text that is there twice names the lines', async () => {
    await using world = await openWorld({ files: { a: 'x = 1\ny = 2\nx = 1\n' } });
    const answer = await world.call('edit_file', { path: 'a', edits: edit('x = 1', 'x = 3') });
    expect(answer.text).toContain('occurs 2 times, at lines 1, 3');
    expect(answer.text).toContain('replaceAll');
    const all = await world.call('edit_file', {
      path: 'a',
      edits: edit('x = 1', 'x = 3', { replaceAll: true }),
    });
    expect(all.structured).toMatchObject({ replacements: 2 });
  });

  test('when one edit fails none is made', async () => {
    await using world = await openWorld({ files: { a: 'one two' } });
    const edits = [...edit('one', '1'), ...edit('three', '3')];
    expect((await world.call('edit_file', { path: 'a', edits })).text).toContain('Edit 2 of');
    expect(await readFile(join(world.root, 'a'), 'utf8')).toBe('one two');
  });

  test('a dry run shows the diff and writes nothing', async () => {
    await using world = await openWorld({ files: { a: 'one\ntwo\n' } });
    const answer = await world.call('edit_file', { path: 'a', edits: edit('two', '2'), dryRun: true });
    expect(answer.structured['diff']).toContain('-two\n+2\n');
    expect(await readFile(join(world.root, 'a'), 'utf8')).toBe('one\ntwo\n');
  });

  test('a replacement with dollar signs is taken literally', async () => {
    await using world = await openWorld({ files: { a: 'price' } });
    await world.call('edit_file', { path: 'a', edits: edit('price', '$& $1 $$') });
    expect(await readFile(join(world.root, 'a'), 'utf8')).toBe('$& $1 $$');
  });

  test('encoding, byte order mark, line endings and mode stay as they were', async () => {
    await using world = await openWorld();
    const cases = [
      ['crlf', Buffer.from('one\r\ntwo\r\nthree\r\n'), Buffer.from('one\r\n2\r\n2b\r\nthree\r\n')],
      ['bom', Buffer.from('\u{FEFF}one\r\ntwo\r\n'), Buffer.from('\u{FEFF}one\r\n2\r\n2b\r\n')],
      [
        'utf16',
        Buffer.from('\u{FEFF}one\r\ntwo\r\n', 'utf16le'),
        Buffer.from('\u{FEFF}one\r\n2\r\n2b\r\n', 'utf16le'),
      ],
      [
        'latin1',
        Buffer.from('gr\u{FC}n\none\ntwo\n', 'latin1'),
        Buffer.from('gr\u{FC}n\none\n2\n2b\n', 'latin1'),
      ],
      ['mixed', Buffer.from('zero\r\none\ntwo\n'), Buffer.from('zero\r\none\n2\n2b\n')],
    ] as const;
    for (const [path, before, after] of cases) {
      await chmod(await world.put(path, before), 0o640);
      const answer = await world.call('edit_file', { path, edits: edit('one\ntwo\n', 'one\n2\n2b\n') });
      expect(answer.isError, answer.text).toBe(false);
      expect(await readFile(join(world.root, path)), path).toEqual(after);
      expect((await stat(join(world.root, path))).mode & 0o777).toBe(0o640);
    }
  });

  test('a letter that the encoding of the file lacks is refused', async () => {
    await using world = await openWorld();
    await world.put('a', Buffer.from('gr\u{FC}n', 'latin1'));
    const answer = await world.call('edit_file', { path: 'a', edits: edit('gr', '🚂') });
    expect(answer.text).toContain("has no '🚂'");
    expect(await readFile(join(world.root, 'a'), 'latin1')).toBe('grün');
  });
});

describe('move_file and create_directory', () => {
  test('nothing is overwritten unless asked', async () => {
    await using world = await openWorld({ files: { a: 'A', b: 'B', 'full/x': 'x', 'other/y': 'y' } });
    const refused = await world.call('move_file', { source: 'a', destination: 'b' });
    expect(refused.text).toContain("'b' exists already");
    expect(await readFile(join(world.root, 'b'), 'utf8')).toBe('B');
    const folder = await world.call('move_file', { source: 'other', destination: 'full', overwrite: true });
    expect(folder.text).toContain('not empty');
    const replaced = await world.call('move_file', { source: 'a', destination: 'b', overwrite: true });
    expect(replaced.structured).toEqual({ source: 'a', destination: 'b', overwrote: true });
    expect(await readFile(join(world.root, 'b'), 'utf8')).toBe('A');
  });

  test('a root stays, a folder does not go into itself, and parents must exist', async () => {
    await using world = await openWorld({ files: { 'sub/a': 'a' } });
    expect((await world.call('move_file', { source: '.', destination: 'sub/root' })).isError).toBe(true);
    expect((await world.call('move_file', { source: 'sub', destination: 'sub/inner' })).text).toContain(
      'inside',
    );
    expect((await world.call('move_file', { source: 'sub/a', destination: 'no/such/a' })).isError).toBe(true);
    expect((await world.call('move_file', { source: 'absent', destination: 'b' })).text).toContain(
      'does not exist',
    );
  });

  test('moves files, folders and links, also to another file system', async (context) => {
    await using world = await openWorld({ files: { 'sub/a.txt': 'a', 'b.txt': 'b' } });
    await symlink('b.txt', join(world.root, 'link'));
    await world.call('move_file', { source: 'sub', destination: 'moved' });
    await world.call('move_file', { source: 'link', destination: 'moved/link' });
    expect(await readdir(join(world.root, 'moved'))).toEqual(['a.txt', 'link']);
    expect(await readFile(join(world.root, 'b.txt'), 'utf8')).toBe('b');
    const disk = join(world.root, 'disk');
    await using mount = await mountSmallDisk(disk, '64k');
    if (mount === undefined) context.skip('a small file system cannot be mounted by this user');
    const far = await world.call('move_file', { source: 'moved', destination: 'disk/moved' });
    expect(far.isError, far.text).toBe(false);
    expect(await readFile(join(disk, 'moved/a.txt'), 'utf8')).toBe('a');
    expect(await readdir(world.root)).toEqual(['b.txt', 'disk']);
  });

  test('create_directory makes parents and is content with what exists', async () => {
    await using world = await openWorld({ files: { file: 'f' } });
    expect((await world.call('create_directory', { path: 'file' })).text).toContain('is a file');
    expect((await world.call('create_directory', { path: 'x/y/z' })).structured).toEqual({
      path: 'x/y/z',
      created: true,
    });
    expect((await world.call('create_directory', { path: 'x/y/z' })).structured).toMatchObject({
      created: false,
    });
  });
});
