import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';

import { type Client, type ClientId, CLIENTS, findClient, type Place } from '../../src/clients/client.ts';
import { planInstall } from '../../src/clients/install.ts';
import { planUninstall } from '../../src/clients/uninstall.ts';
import { parseJsonDocument } from '../../src/config/json-document.ts';
import { isJsonObject } from '../../src/json.ts';
import { CLIENT_CONFIGS } from '../fixtures/client-configs.ts';
import { placeIn, putConfig } from '../fixtures/client-folders.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const LAUNCH = {
  node: '/opt/node/bin/node',
  program: '/opt/switchyard/bin/switchyard.js',
  configFile: '/home/me/mcp.config.json',
};
const ENTRY = {
  command: LAUNCH.node,
  args: [LAUNCH.program, 'serve', '--stdio', '--config', LAUNCH.configFile],
};

interface Surroundings {
  readonly place: Place;
  install(id: ClientId, changes?: Partial<typeof LAUNCH & { homeFolder: string }>): Promise<string>;
  uninstall(id: ClientId): Promise<(string | undefined)[]>;
  file(id: ClientId): string;
}

async function surroundings(path: string): Promise<Surroundings> {
  const place = placeIn(path);
  const homeFolder = join(path, 'state');
  await mkdir(homeFolder);
  const client = (id: ClientId): Client => {
    const found = findClient(id);
    if (found === undefined) throw new Error(id);
    return found;
  };
  return {
    place,
    async install(id, changes = {}) {
      const launch = { ...LAUNCH, ...changes };
      const plan = await planInstall({ client: client(id), place, launch, homeFolder });
      await plan.apply();
      return plan.file;
    },
    async uninstall(id) {
      const { changes } = await planUninstall({ client: client(id), place, homeFolder });
      const applied: (string | undefined)[] = [];
      for (const change of changes) applied.push((await change.apply()).backup);
      return applied;
    },
    file: (id) => client(id).userFiles(place)[0] ?? '',
  };
}

function entryOf(id: ClientId, text: string): unknown {
  const client = findClient(id);
  const value: unknown =
    client?.format === 'toml' ? parse(text) : parseJsonDocument(text.replace(/^\uFEFF/, '')).value;
  const servers = isJsonObject(value) ? value[client?.serversKey ?? ''] : undefined;
  return isJsonObject(servers) ? servers['switchyard'] : undefined;
}

const EMPTY_FORMS: Readonly<Record<string, string>> = {
  'an empty file': '',
  'an empty object': '{}',
  'an empty list of servers': '{ "mcpServers": { } }\n',
  'an object with a comment alone': '{\n  // nothing yet\n}\n',
};

describe('install and uninstall leave the file as it was, byte by byte:', () => {
  test.each(CLIENTS.map(({ id, title }) => [title, id] as const))('%s', async (_title, id) => {
    await using folder = await temporaryFolder('install');
    const at = await surroundings(folder.path);
    const text = CLIENT_CONFIGS[id];
    for (const before of [
      text,
      text.replaceAll('\n', '\r\n'),
      ...(id === 'codex' ? [] : [`\uFEFF${text}`]),
    ]) {
      const file = await putConfig(at.place, id, before);
      await chmod(file, 0o640);
      await at.install(id);
      const installed = await readFile(file, 'utf8');
      expect(entryOf(id, installed)).toEqual({ ...findClient(id)?.entryKeys, ...ENTRY });
      // Nothing but lines of ours is added; the last one before them may get a comma.
      const lines = installed.split('\n').map((line) => line.replace(/,(\r?)$/, '$1'));
      const missing = before.split('\n').filter((line) => !lines.includes(line.replace(/,(\r?)$/, '$1')));
      expect(missing.filter((line) => line.trim() !== '' && !line.includes('}'))).toEqual([]);
      if (before.includes('\r\n')) expect(installed).not.toMatch(/[^\r]\n/);
      await at.install(id);
      expect(await readFile(file, 'utf8')).toBe(installed);
      expect(await at.uninstall(id)).toEqual([undefined]);
      expect(await readFile(file, 'utf8')).toBe(before);
      expect((await stat(file)).mode & 0o777).toBe(0o640);
      expect(await readdir(dirname(file))).toEqual([expect.stringMatching(/(?:json|toml)$/)]);
    }
  });

  test.each(Object.entries(EMPTY_FORMS))('%s', async (_name, before) => {
    await using folder = await temporaryFolder('install');
    const at = await surroundings(folder.path);
    const file = await putConfig(at.place, 'cursor', before);
    await at.install('cursor');
    expect(entryOf('cursor', await readFile(file, 'utf8'))).toEqual(ENTRY);
    await at.uninstall('cursor');
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  test.each(CLIENTS.map(({ id, title }) => [title, id] as const))(
    '%s without a file, and without its folder',
    async (_title, id) => {
      await using folder = await temporaryFolder('install');
      const at = await surroundings(folder.path);
      await at.install(id);
      expect(entryOf(id, await readFile(at.file(id), 'utf8'))).toMatchObject(ENTRY);
      await at.install(id);
      await at.uninstall(id);
      expect(await readdir(folder.path)).toEqual(['state']);
      await mkdir(dirname(at.file(id)), { recursive: true });
      await at.install(id);
      await at.uninstall(id);
      expect(await readdir(dirname(at.file(id)))).toEqual([]);
    },
  );
});

describe('a file that changed since it was installed', () => {
  test('loses our entry alone, and the copy from before stays', async () => {
    await using folder = await temporaryFolder('install');
    const at = await surroundings(folder.path);
    for (const id of ['cursor', 'codex', 'zed'] as const) {
      const file = await putConfig(at.place, id, CLIENT_CONFIGS[id]);
      await at.install(id);
      const more = id === 'codex' ? '\n[mcp_servers.later]\ncommand = "later"\n' : '\n// later\n';
      await writeFile(file, (await readFile(file, 'utf8')) + more);
      const [backup = ''] = await at.uninstall(id);
      expect(await readFile(file, 'utf8')).toBe(CLIENT_CONFIGS[id] + more);
      expect(await readFile(backup, 'utf8')).toBe(CLIENT_CONFIGS[id]);
      expect((await stat(backup)).mode & 0o777).toBe(0o600);
    }
  });

  test('of ours stays where somebody put something into it, and goes where nothing is left', async () => {
    await using folder = await temporaryFolder('install');
    const at = await surroundings(folder.path);
    const file = await at.install('gemini');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/\}\n$/, ',\n  "theme": "Dracula"\n}\n'));
    await at.uninstall('gemini');
    expect(parseJsonDocument(await readFile(file, 'utf8')).value).toEqual({ theme: 'Dracula' });
    await rm(file);
    await at.install('gemini');
    await writeFile(file, JSON.stringify(JSON.parse(await readFile(file, 'utf8'))));
    await at.uninstall('gemini');
    expect(await readdir(dirname(file))).toEqual([]);
  });

  test('keeps what its client put into our entry, also when it is installed again', async () => {
    await using folder = await temporaryFolder('install');
    const at = await surroundings(folder.path);
    const file = await at.install('cline');
    const text = (await readFile(file, 'utf8')).replace(
      '"command"',
      '"autoApprove": ["x"],\n      "command"',
    );
    await writeFile(file, text);
    await at.install('cline');
    expect(await readFile(file, 'utf8')).toBe(text);
    await at.install('cline', { configFile: '/other.json', homeFolder: '/state' });
    expect(entryOf('cline', await readFile(file, 'utf8'))).toEqual({
      autoApprove: ['x'],
      ...ENTRY,
      args: [...ENTRY.args.slice(0, -1), '/other.json'],
      env: { SWITCHYARD_HOME: '/state' },
    });
    const codex = await putConfig(at.place, 'codex', CLIENT_CONFIGS.codex);
    await at.install('codex');
    const approval = '\n[mcp_servers.switchyard.tools."a.b"]\napproval_mode = "approve"\n';
    await writeFile(codex, (await readFile(codex, 'utf8')) + approval);
    await at.install('codex', { configFile: '/other.json' });
    expect(entryOf('codex', await readFile(codex, 'utf8'))).toMatchObject({
      args: expect.arrayContaining(['/other.json']),
      tools: { 'a.b': { approval_mode: 'approve' } },
    });
    await at.uninstall('codex');
    expect(await readFile(codex, 'utf8')).toBe(CLIENT_CONFIGS.codex);
  });
});

test('another launch takes the place of the first, and the file still becomes what it was', async () => {
  await using folder = await temporaryFolder('install');
  const at = await surroundings(folder.path);
  const file = await putConfig(at.place, 'vscode', CLIENT_CONFIGS.vscode);
  await at.install('vscode');
  await at.install('vscode', { node: '/other/node' });
  expect(entryOf('vscode', await readFile(file, 'utf8'))).toMatchObject({ command: '/other/node' });
  await at.uninstall('vscode');
  expect(await readFile(file, 'utf8')).toBe(CLIENT_CONFIGS.vscode);
});

test('the copy of an earlier time is not overwritten', async () => {
  await using folder = await temporaryFolder('install');
  const at = await surroundings(folder.path);
  const file = await putConfig(at.place, 'cursor', CLIENT_CONFIGS.cursor);
  await writeFile(`${file}.before-switchyard`, 'earlier');
  await at.install('cursor');
  await at.uninstall('cursor');
  expect(await readFile(`${file}.before-switchyard`, 'utf8')).toBe('earlier');
  expect(await readFile(file, 'utf8')).toBe(CLIENT_CONFIGS.cursor);
});

test('a link stays a link', async () => {
  await using folder = await temporaryFolder('install');
  const at = await surroundings(folder.path);
  const real = join(folder.path, 'dotfiles.json');
  await writeFile(real, CLIENT_CONFIGS.cursor);
  const link = at.file('cursor');
  await mkdir(dirname(link), { recursive: true });
  await symlink(real, link);
  await at.install('cursor');
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(entryOf('cursor', await readFile(real, 'utf8'))).toEqual(ENTRY);
  expect(await readdir(folder.path)).toEqual(['dotfiles.json', 'home', 'state']);
  await at.uninstall('cursor');
  expect(await readFile(link, 'utf8')).toBe(CLIENT_CONFIGS.cursor);
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
});

test('of several files of a client the one that is there is taken, else the one whose folder is', async () => {
  await using folder = await temporaryFolder('install');
  const at = await surroundings(folder.path);
  const [stable = '', insiders = ''] = findClient('vscode')?.userFiles(at.place) ?? [];
  await mkdir(dirname(insiders), { recursive: true });
  expect(await at.install('vscode')).toBe(insiders);
  await at.uninstall('vscode');
  await mkdir(dirname(stable), { recursive: true });
  await writeFile(insiders, '{}');
  expect(await at.install('vscode')).toBe(insiders);
});

describe('is left alone and told:', () => {
  const CASES: readonly (readonly [string, ClientId, string, RegExp])[] = [
    ['a broken file', 'cursor', '{ "mcpServers": {', /left as it is: line 1, column \d+/],
    ['a list in place of an object', 'cursor', '{ "mcpServers": [] }', /'mcpServers' in it is no object/],
    [
      'servers that stand there twice',
      'cursor',
      '{ "mcpServers": {}, "mcpServers": {} }',
      /stands in it twice/,
    ],
    [
      'another switchyard',
      'cursor',
      '{ "mcpServers": { "switchyard": { "command": "x" } } }',
      /starts something else/,
    ],
    ['broken TOML', 'codex', 'model = \n', /line 1, column \d+/],
    [
      'servers in one line of TOML',
      'codex',
      'mcp_servers = { a = { command = "x" } }\n',
      /cannot be added to/,
    ],
  ];
  test.each(CASES)('%s', async (_name, id, before, reason) => {
    await using folder = await temporaryFolder('install');
    const at = await surroundings(folder.path);
    const file = await putConfig(at.place, id, before);
    await expect(at.install(id)).rejects.toMatchObject({
      code: 'client-config',
      message: expect.stringMatching(reason),
    });
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(dirname(file))).toHaveLength(1);
  });

  test('a file that broke since it was installed', async () => {
    await using folder = await temporaryFolder('install');
    const at = await surroundings(folder.path);
    const file = await putConfig(at.place, 'cursor', CLIENT_CONFIGS.cursor);
    await at.install('cursor');
    await writeFile(file, '{');
    await expect(at.uninstall('cursor')).rejects.toMatchObject({ code: 'client-config' });
    expect(await readFile(`${file}.before-switchyard`, 'utf8')).toBe(CLIENT_CONFIGS.cursor);
  });
});

test('text in TOML that only looks like our table is not taken for it', async () => {
  await using folder = await temporaryFolder('install');
  const at = await surroundings(folder.path);
  const before = 'notes = """\n[mcp_servers.switchyard]\ncommand = "x"\n"""\n';
  const file = await putConfig(at.place, 'codex', before);
  await expect(at.install('codex')).rejects.toMatchObject({ code: 'client-config' });
  expect(await readFile(file, 'utf8')).toBe(before);
});
