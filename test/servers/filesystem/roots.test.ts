import { mkdir, readFile, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { openWorld } from './world.ts';

describe('nothing outside the roots', () => {
  const outsidePaths = [
    '../outside/secret.txt',
    '/etc/passwd',
    '/no/such/place',
    'sub/../../outside/secret.txt',
    '~/secret.txt',
    '..',
  ];

  test.for(outsidePaths)('refuses %s in every tool that takes a path', async (path) => {
    await using world = await openWorld({ files: { 'inside.txt': 'inside' } });
    const calls = [
      ['read_file', { path }],
      ['write_file', { path, content: 'x' }],
      ['edit_file', { path, edits: [{ oldText: 'secret', newText: 'public' }] }],
      ['list_directory', { path }],
      ['directory_tree', { path }],
      ['search_files', { path, pattern: '*' }],
      ['search_content', { path, pattern: 'secret' }],
      ['move_file', { source: path, destination: 'taken.txt' }],
      ['move_file', { source: 'inside.txt', destination: path }],
      ['create_directory', { path }],
      ['file_info', { path }],
    ] as const;
    for (const [tool, args] of calls) {
      const answer = await world.call(tool, args);
      expect(answer, tool).toMatchObject({ isError: true });
      expect(answer.text, tool).toContain('outside the folders');
      expect(answer.text, tool).toContain(world.root);
      expect(answer.text, tool).not.toContain('the secret');
    }
    expect(await readdir(world.outside)).toEqual(['secret.txt']);
    expect(await readdir(world.root)).toEqual(['inside.txt']);
  });

  test('a link out of the root is not followed, whether to a file, a folder or nothing', async () => {
    await using world = await openWorld();
    await symlink(join(world.outside, 'secret.txt'), join(world.root, 'file-link'));
    await symlink(world.outside, join(world.root, 'folder-link'));
    await symlink(join(world.outside, 'absent.txt'), join(world.root, 'dangling-link'));
    for (const path of [
      'file-link',
      'folder-link/secret.txt',
      'folder-link',
      'folder-link/absent/deeper.txt',
    ]) {
      const answer = await world.call('read_file', { path });
      expect(answer.isError).toBe(true);
      expect(answer.text).toContain('outside the folders');
    }
    for (const path of ['folder-link/planted.txt', 'dangling-link']) {
      expect(await world.call('write_file', { path, content: 'planted' })).toMatchObject({ isError: true });
    }
    expect(await readdir(world.outside)).toEqual(['secret.txt']);
  });

  test('searches and trees name links but do not go through them', async () => {
    await using world = await openWorld({ files: { 'own.txt': 'the secret of mine' } });
    await symlink(world.outside, join(world.root, 'way-out'));
    const found = await world.call('search_content', { pattern: 'the secret' });
    expect(found.structured['matches']).toMatchObject([{ path: 'own.txt', line: 1 }]);
    const tree = await world.call('directory_tree');
    expect(tree.text).toContain('way-out (symlink)');
    expect(tree.text).not.toContain('secret.txt');
    const info = await world.call('file_info', { path: 'way-out' });
    expect(info.structured).toMatchObject({ type: 'symlink', linkLeadsOutside: true });
  });

  test('a folder that is swapped for a link while it is used does not lead out', async () => {
    await using world = await openWorld({ files: { 'real/secret.txt': 'nothing secret' } });
    await symlink(world.outside, join(world.root, 'link'));
    const [real, aside, link] = ['real', 'aside', 'link'].map((name) => join(world.root, name)) as [
      string,
      string,
      string,
    ];
    let isRunning = true;
    const swapping = (async () => {
      while (isRunning) {
        await rename(real, aside);
        await rename(link, real);
        await rename(real, link);
        await rename(aside, real);
      }
    })();
    const texts: string[] = [];
    for (let round = 0; round < 300; round += 1) {
      texts.push((await world.call('read_file', { path: 'real/secret.txt' })).text);
      await world.call('edit_file', {
        path: 'real/secret.txt',
        edits: [{ oldText: 'secret', newText: 'secret.' }],
      });
    }
    isRunning = false;
    await swapping;
    expect(texts.join()).not.toContain('the secret');
    expect(texts.join()).toContain('nothing secret');
    expect(await readFile(join(world.outside, 'secret.txt'), 'utf8')).toBe('the secret\n');
    expect(await readdir(world.outside)).toEqual(['secret.txt']);
  });
});

describe('what the person alone may change', () => {
  test('a configuration file is read but never written, edited, moved, or put in place', async () => {
    await using world = await openWorld({
      files: { 'mcp.config.json': '{}', 'sub/MCP.config.json': '{}', 'other.json': '{"a":1}' },
    });
    await symlink(join(world.root, 'mcp.config.json'), join(world.root, 'innocent.json'));
    const refused = [
      ['write_file', { path: 'mcp.config.json', content: '{"mcpServers":{}}' }],
      ['write_file', { path: 'new/mcp.config.json', content: '{}' }],
      ['write_file', { path: 'innocent.json', content: '{}' }],
      ['edit_file', { path: 'sub/MCP.config.json', edits: [{ oldText: '{}', newText: '{ }' }] }],
      ['move_file', { source: 'mcp.config.json', destination: 'gone.json' }],
      ['move_file', { source: 'other.json', destination: 'mcp.config.json', overwrite: true }],
      ['move_file', { source: 'sub', destination: 'moved' }],
      ['create_directory', { path: 'x/mcp.config.json' }],
    ] as const;
    for (const [tool, args] of refused) {
      const answer = await world.call(tool, args);
      expect(answer.isError, JSON.stringify(args)).toBe(true);
      expect(answer.text).toMatch(/never (?:changed|moved) through this server/);
    }
    expect((await world.call('read_file', { path: 'mcp.config.json' })).structured['content']).toBe('{}');
  });

  test('the state folder is never written, even where it lies below a root', async () => {
    await using world = await openWorld({ homeInRoot: true, files: { 'note.txt': 'n' } });
    await writeFile(join(world.home, 'state.db'), 'state');
    for (const [tool, args] of [
      ['write_file', { path: 'home/state.db', content: 'x' }],
      ['write_file', { path: 'home/catalog/x.json', content: 'x' }],
      ['move_file', { source: 'note.txt', destination: 'home/note.txt' }],
      ['move_file', { source: 'home', destination: 'elsewhere' }],
      ['create_directory', { path: 'home/more' }],
    ] as const) {
      expect((await world.call(tool, args)).isError, JSON.stringify(args)).toBe(true);
    }
    expect(await readFile(join(world.home, 'state.db'), 'utf8')).toBe('state');
    expect(await readdir(world.home)).toEqual(['state.db']);
  });

  test('with --read-only no tool that writes is offered', async () => {
    await using world = await openWorld({ args: ['--read-only'] });
    const { tools } = await world.server.client.listTools();
    expect(tools.every((tool) => tool.annotations?.readOnlyHint === true)).toBe(true);
    expect(tools.map(({ name }) => name)).not.toContain('write_file');
    await expect(world.call('write_file', { path: 'a', content: 'a' })).rejects.toThrow(/write_file/);
  });
});

describe('paths', () => {
  test.for([
    ['', 'empty'],
    ['a\0b', 'NUL'],
    ['a'.repeat(300), 'longer name'],
  ])('refuses %j with a reason', async ([path, reason]) => {
    await using world = await openWorld();
    const answer = await world.call('write_file', { path, content: 'x' });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(reason);
  });

  test('a missing file names what is there and guesses what was meant', async () => {
    await using world = await openWorld({ files: { 'docs/guide.md': 'g', 'docs/other.md': 'o' } });
    const answer = await world.call('read_file', { path: 'docs/giude.md' });
    expect(answer.text).toContain("'docs' holds 'guide.md', 'other.md'");
    expect(answer.text).toContain("Did you mean 'guide.md'?");
  });

  test('relative paths count from the first root, and a second root is reached by its absolute path', async () => {
    await using world = await openWorld({ args: ['--root', '/tmp'], files: { 'a.txt': 'first' } });
    const roots = await world.call('list_roots');
    expect(roots.structured['roots']).toHaveLength(2);
    expect((await world.call('read_file', { path: 'a.txt' })).structured['content']).toBe('first');
    const second = await world.call('read_file', { path: join(world.outside, 'secret.txt') });
    expect(second.structured['content']).toBe('the secret\n');
  });

  test('names with spaces, accents and emoji pass through every tool', async () => {
    await using world = await openWorld();
    await mkdir(join(world.root, 'Übung 1'));
    const path = 'Übung 1/naïve 🚂.txt';
    await world.call('write_file', { path, content: 'täglich' });
    expect((await world.call('read_file', { path })).structured).toMatchObject({ path, content: 'täglich' });
    expect((await world.call('search_files', { pattern: '*🚂*' })).structured['matches']).toMatchObject([
      { path },
    ]);
  });
});
