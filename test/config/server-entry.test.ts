// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a config stand in plain strings.
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { translateEntry } from '../../src/config/foreign-keys.ts';
import { builtinEntrySchema, commandEntrySchema, urlEntrySchema } from '../../src/config/server-schema.ts';
import { type ConfigFolder, configFolder, reasonOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

describe('a fault inside one entry', () => {
  test('fails that server alone and is told in one warning', async () => {
    const text = JSON.stringify({
      mcpServers: {
        broken: { command: 'x', env: { TOKEN: '${MISSING_ONE} ${MISSING_TWO}' }, timeoutMs: '60' },
        whole: { command: 'y' },
      },
    });
    const config = await folder.loadText(text);
    expect(config.servers).toMatchObject([
      { name: 'broken', type: 'invalid' },
      { name: 'whole', type: 'stdio' },
    ]);
    const [broken] = config.servers;
    if (broken === undefined) throw new Error('no server');
    for (const part of ['MISSING_ONE', 'MISSING_TWO', 'timeoutMs: expected a number', 'given.json:1:']) {
      expect(reasonOf(broken)).toContain(part);
    }
    expect(config.notices.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test.each([
    ['a number', 3, 'expected an object, found a number'],
    ['an empty object', {}, "expected exactly one of 'command', 'url' and 'builtin'"],
    ['command and url', { command: 'x', url: 'http://localhost' }, "found 'command' and 'url'"],
    ['a slip in a key', { comand: 'x' }, "comand: unknown key. Did you mean 'command'?"],
    ['a slip that would leave a tool open', { command: 'x', tool: { deny: ['*'] } }, "Did you mean 'tools'?"],
    ['an unknown built-in', { builtin: 'filesytem' }, "Did you mean 'filesystem'?"],
    [
      'an option of another built-in',
      { builtin: 'web', roots: ['.'] },
      "no meaning for the built-in server 'web'",
    ],
    ['arguments that are no list', { command: 'x', args: '-y' }, 'args: expected an array, found a string'],
    ['an argument that is no string', { command: 'x', args: ['-p', 80] }, 'args[1]: expected a string'],
    ['an unknown transport', { url: 'http://localhost', type: 'websocket' }, "'websocket' is no transport"],
    ['a transport that does not fit', { url: 'http://localhost', type: 'stdio' }, "does not go with 'url'"],
    ['no URL', { url: 'localhost:80' }, 'expected an http or https URL'],
    ['a file URL', { url: 'file:///etc/passwd' }, 'expected an http or https URL'],
    ['a header with a line break', { url: 'http://localhost', headers: { A: 'b\r\nC: d' } }, 'no line break'],
    [
      'an impossible header name',
      { url: 'http://localhost', headers: { 'a b': 'c' } },
      'no name that an HTTP header',
    ],
    [
      'a wait that no timer can hold',
      { command: 'x', timeoutMs: 3_000_000_000 },
      'a number of at most 2147483647',
    ],
    ['a start that is none', { command: 'x', start: 'at_start' }, "Did you mean 'at-start'?"],
    ['an input of VS Code', { command: 'x', args: ['${input:key}'] }, 'asks a person'],
    ['a variable that is none', { command: 'x', args: ['${a b}'] }, 'is no variable'],
    ['a missing file of variables', { command: 'x', envFile: '.env' }, 'file of variables cannot be read'],
    ['a renamed key of a wrong type', { serverUrl: 5 }, 'serverUrl: expected a string, found a number'],
  ])('%s', async (_name, entry, reason) => {
    const { server } = await folder.loadEntry(entry);
    expect(reasonOf(server)).toContain(reason);
  });

  test('a key that stands twice in an entry fails that entry', async () => {
    const config = await folder.loadText('{ "mcpServers": { "a": { "command": "x",\n"command": "y" } } }');
    const [server] = config.servers;
    if (server === undefined) throw new Error('no server');
    expect(reasonOf(server)).toContain('stands in line 1 already');
  });

  test('a fault in a disabled server is kept and not warned about', async () => {
    const { server, config } = await folder.loadEntry({ disabled: true, command: '${MISSING}' });
    expect(server).toMatchObject({ type: 'invalid', disabled: true });
    expect(config.notices).toEqual([]);
  });

  test('no secret stands in the reason', async () => {
    const { server } = await folder.loadEntry(
      { url: 'http://localhost', headers: { Authorization: ['${KEY}'] }, start: '${KEY}' },
      { KEY: 'hunter2-hunter2' },
    );
    expect(reasonOf(server)).toContain('headers.Authorization: expected a string, found an array');
    expect(reasonOf(server)).not.toContain('hunter2');
  });
});

describe('names', () => {
  test('the name switchyard is reserved, in any case', async () => {
    const config = await folder.loadText('{ "mcpServers": { "Switchyard": { "command": "x" } } }');
    expect(config.servers).toMatchObject([
      { type: 'invalid', reason: expect.stringContaining("host's own") },
    ]);
  });

  test('an alias that is taken fails its own server and not the one it names', async () => {
    const text = '{ "mcpServers": { "a": { "command": "x", "alias": "b" }, "b": { "command": "y" } } }';
    expect((await folder.loadText(text)).servers).toMatchObject([
      { name: 'a', type: 'invalid' },
      { name: 'b', type: 'stdio' },
    ]);
  });

  test('two servers may swap their names', async () => {
    const text =
      '{ "mcpServers": { "a": { "command": "x", "alias": "b" }, "b": { "command": "y", "alias": "a" } } }';
    expect((await folder.loadText(text)).servers).toMatchObject([
      { name: 'b', command: 'x' },
      { name: 'a', command: 'y' },
    ]);
  });

  test('a key with other characters becomes a name, with a remark', async () => {
    const config = await folder.loadText(
      '{ "mcpServers": { "github.com/Owner/my server": { "command": "x" } } }',
    );
    expect(config.servers).toMatchObject([{ name: 'github_com_Owner_my_server' }]);
    expect(config.notices).toMatchObject([{ level: 'info', message: expect.stringContaining('alias') }]);
  });

  test.each(['a__b', '-a', 'a b', 'ä', 'a'.repeat(33), ''])('the alias %j is refused', async (alias) => {
    const { server } = await folder.loadEntry({ command: 'x', alias });
    expect(reasonOf(server)).toContain('alias');
  });
});

describe('an entry that is whole', () => {
  test('a command gets its defaults, its folder and texts for its variables', async () => {
    const { server } = await folder.loadEntry(
      {
        command: 'npx',
        args: ['-y', '${PACKAGE:-server}'],
        env: { PORT: 80, DEBUG: true, T: '$${T}' },
        cwd: 'sub',
      },
      { PACKAGE: '' },
    );
    expect(server).toEqual({
      type: 'stdio',
      name: 'it',
      disabled: false,
      start: 'on-use',
      trust: 'annotations',
      timeoutMs: 60_000,
      tools: {},
      command: 'npx',
      args: ['-y', 'server'],
      env: { PORT: '80', DEBUG: 'true', T: '${T}' },
      cwd: join(folder.work, 'sub'),
    });
  });

  test('a url server is not trusted unless the config says so', async () => {
    const url = 'https://example.org/mcp';
    expect((await folder.loadEntry({ url })).server).toMatchObject({
      type: 'http',
      trust: 'none',
      headers: {},
    });
    expect((await folder.loadEntry({ url, trust: 'annotations' })).server).toMatchObject({
      trust: 'annotations',
    });
  });

  test.each([
    [{ serverUrl: 'http://h/a' }, { type: 'http', url: 'http://h/a' }],
    [
      { httpUrl: 'http://h/a', type: 'streamableHttp' },
      { type: 'http', url: 'http://h/a' },
    ],
    [{ url: 'http://h/a', transport: 'sse' }, { type: 'sse' }],
    [{ url: 'http://h/a', type: 'streamable-http' }, { type: 'http' }],
    [
      { command: ['npx', '-y', 'x'], type: 'local', enabled: false },
      { command: 'npx', args: ['-y', 'x'], disabled: true },
    ],
    [
      { command: { path: 'p', args: ['q'], env: { A: 'b' } } },
      { command: 'p', args: ['q'], env: { A: 'b' } },
    ],
    [
      { cmd: 'goose', envs: { A: 'b' } },
      { command: 'goose', env: { A: 'b' } },
    ],
    [{ command: 'x', includeTools: ['a'], excludeTools: ['b'] }, { tools: { allow: ['a'], deny: ['b'] } }],
    [{ command: 'x', disabledTools: ['b'] }, { tools: { deny: ['b'] } }],
    [{ command: 'x', timeout: 300 }, { timeoutMs: 300_000 }],
    [{ command: 'x', timeout: 300_000 }, { timeoutMs: 300_000 }],
    [{ command: 'x', cwd: '${workspaceFolder}/a', args: ['${userHome}'] }, { args: [homedir()] }],
    [{ command: '${env:PROGRAM}' }, { command: 'program' }],
    [{ command: 'x', trust: true }, { trust: 'annotations' }],
  ])('%j of another client is understood', async (entry, expected) => {
    const { server } = await folder.loadEntry(entry, { PROGRAM: 'program' });
    expect(server).toMatchObject(expected);
  });

  test('keys without a meaning here are named in one warning', async () => {
    const { config } = await folder.loadEntry({
      command: 'x',
      autoApprove: ['a'],
      alwaysAllow: [],
      zzzzzzz: 1,
    });
    expect(config.notices).toHaveLength(1);
    expect(config.notices[0]).toMatchObject({
      level: 'warn',
      message: expect.stringContaining(
        'mcpServers.it.autoApprove, mcpServers.it.alwaysAllow, mcpServers.it.zzzzzzz',
      ),
    });
  });

  test('a file of variables is read, and env stands above it', async () => {
    folder.write('secrets/.env', '# mine\nA="from file"\nB=from-file\n');
    const { server } = await folder.loadEntry({ command: 'x', envFile: 'secrets/.env', env: { B: 'own' } });
    expect(server).toMatchObject({ env: { A: 'from file', B: 'own' } });
  });

  test('options of built-ins become arguments, and their own env stands above what is passed on', async () => {
    mkdirSync(join(folder.work, 'a'));
    const filesystem = await folder.loadEntry({ builtin: 'filesystem', roots: ['a', '~/b'], readOnly: true });
    expect(filesystem.server).toMatchObject({
      args: expect.arrayContaining([
        '--root',
        join(folder.work, 'a'),
        '--root',
        join(homedir(), 'b'),
        '--read-only',
      ]),
    });
    const web = await folder.loadEntry(
      { builtin: 'web', allowPrivate: true, env: { BRAVE_API_KEY: 'own', SWITCHYARD_HOME: '/elsewhere' } },
      { BRAVE_API_KEY: 'inherited' },
    );
    expect(web.server).toMatchObject({
      args: expect.arrayContaining(['--allow-private']),
      env: { BRAVE_API_KEY: 'own', SWITCHYARD_HOME: folder.home },
    });
    const retrieval = await folder.loadEntry({ builtin: 'retrieval', sources: ['gone'] });
    expect(retrieval.server).toMatchObject({ args: expect.arrayContaining([join(folder.work, 'gone')]) });
  });

  test('what becomes of calls without an answer is said for all tools or by globs', async () => {
    const all = await folder.loadEntry({ command: 'x', uncertain: 'report', idempotencyKeys: ['put_*'] });
    expect(all.server).toMatchObject({
      uncertain: 'report',
      idempotencyKeys: { 'put_*': 'io.switchyard/idempotency-key' },
    });
    const uncertain = { 'get_*': 'retry', '*': 'ask' };
    const idempotencyKeys = { 'put_*': 'com.example/request-id' };
    const each = await folder.loadEntry({ command: 'x', uncertain, idempotencyKeys });
    expect(each.server).toMatchObject({ uncertain, idempotencyKeys });
  });

  test.each([
    [{ uncertain: 'repeat' }, "expected 'ask' or 'report' or 'retry'"],
    [{ uncertain: { '*': 'never' } }, "expected 'ask' or 'report' or 'retry'"],
    [{ idempotencyKeys: 'put_*' }, 'a list of globs'],
    [{ idempotencyKeys: { put: 'progressToken' } }, 'a key of `_meta`'],
    [{ idempotencyKeys: { put: 'io.modelcontextprotocol/key' } }, 'a key of `_meta`'],
  ])('%j is refused', async (more, expected) => {
    const { server } = await folder.loadEntry({ command: 'x', ...more });
    expect(reasonOf(server)).toContain(expected);
  });
});

test.each([
  ['a command', commandEntrySchema, { command: 'server' }],
  ['a URL', urlEntrySchema, { url: 'https://example.com/mcp' }],
  ['a built-in', builtinEntrySchema, { builtin: 'web' }],
])(
  'no key that the schema of %s has is unknown, or taken for one of another client',
  (_kind, schema, entry) => {
    const all = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, true]));
    const { ignored, problems } = translateEntry({ ...all, trust: 'none', ...entry });
    expect(ignored).toEqual([]);
    expect(problems.filter(({ message }) => message.includes('unknown key'))).toEqual([]);
  },
);
