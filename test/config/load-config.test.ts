// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a config stand in plain strings.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { shippedConfigFile } from '../../src/config/package-root.ts';
import { DEFAULT_SERVE } from '../../src/config/serve-settings.ts';
import { DEFAULT_WEBHOOKS } from '../../src/config/webhooks-settings.ts';
import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

describe('a file that cannot be read', () => {
  test('a file named by --config that does not exist is an error that names it', async () => {
    const error = await failureOf(folder.load({ configFile: 'nowhere.json' }));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(join(folder.work, 'nowhere.json'));
    expect(error.message).toContain('--config');
  });

  test('a folder is told from a file, with the name to give', async () => {
    const error = await failureOf(folder.load({ configFile: '.' }));
    expect(error.message).toContain(join(folder.work, 'mcp.config.json'));
  });

  test('a folder called mcp.config.json is not passed over', async () => {
    mkdirSync(join(folder.work, 'mcp.config.json'));
    expect((await failureOf(folder.load())).message).toContain('it is a folder');
  });

  test.skipIf(process.getuid?.() === 0)(
    'a file without the right to read it is not passed over',
    async () => {
      chmodSync(folder.write('mcp.config.json', '{}'), 0o000);
      expect((await failureOf(folder.load())).message).toContain('cannot be opened');
    },
  );

  test('a link that leads to itself is not passed over', async () => {
    symlinkSync('mcp.config.json', join(folder.work, 'mcp.config.json'));
    expect((await failureOf(folder.load())).message).toContain('cannot be opened');
  });

  test('an empty file says what to write', async () => {
    expect((await failureOf(folder.loadText(''))).message).toContain('{ "mcpServers": {} }');
    expect((await failureOf(folder.loadText(' \n\t'))).message).toContain('the file is empty');
  });

  test('a huge file is refused by its size', async () => {
    const error = await failureOf(folder.loadText(Buffer.alloc(5_000_000, ' ')));
    expect(error.message).toContain('5000000 bytes');
  });

  test('bytes that are no UTF-8 are refused', async () => {
    const error = await failureOf(folder.loadText(Buffer.from([0x7b, 0xff, 0x7d])));
    expect(error.message).toContain('UTF-8');
  });

  test('a device is refused without reading it', async () => {
    expect((await failureOf(folder.load({ configFile: '/dev/zero' }))).message).toContain('no regular file');
  });
});

describe('a file with faults', () => {
  test('a truncated file is told by the place where it breaks off', async () => {
    const error = await failureOf(folder.loadText('{\n  "mcpServers": {\n    "a": { "command": "x'));
    expect(error.message).toMatch(/3:\d+ this text has no closing double quote/);
  });

  test('a value that is no object is refused', async () => {
    expect((await failureOf(folder.loadText('[]'))).message).toContain('expected an object, found an array');
  });

  test('all problems are told at once, each with line, column, path and what was expected', async () => {
    const text = [
      '{',
      '  "budget": { "maxTurns": 0, "maxTurnz": 3, "maxUsd": "5" },',
      '  "models": {',
      '    "default": ["gpt", { "model": "openai/x", "apikey": "s" }],',
      '    "keyed": { "model": "a/b", "apiKey": "${NO_SUCH_KEY}" }',
      '  },',
      '  "mcpServer": {}',
      '}',
    ].join('\n');
    const error = await failureOf(folder.loadText(text));
    expect(error.data).toMatchObject({
      problems: [
        { line: 2, column: 27, path: 'budget.maxTurns', expected: 'a number of at least 1', found: '0' },
        { line: 2, column: 30, path: 'budget.maxTurnz', nearest: 'maxTurns' },
        { line: 2, column: 55, path: 'budget.maxUsd', expected: 'a number', found: 'a string' },
        { line: 4, column: 17, path: 'models.default[0]', expected: "a model as 'provider/name'" },
        { line: 4, column: 47, path: 'models.default[1].apikey', nearest: 'apiKey' },
        {
          line: 5,
          column: 42,
          path: 'models.keyed.apiKey',
          expected: 'the environment variable NO_SUCH_KEY',
        },
        { line: 7, column: 3, path: 'mcpServer', nearest: 'mcpServers' },
      ],
    });
    expect(error.message).toContain("Did you mean 'maxTurns'?");
    expect(error.message).toContain('7 problems');
  });

  test('limits over several runs stand apart from those of a run, and their slips are told with their places', async () => {
    const { budget, spendingLimits, workflows } = await folder.loadText(
      JSON.stringify({
        budget: { maxUsd: 1, perDay: { maxUsd: 5 }, perSession: { maxTurns: 9 }, timeZone: 'Europe/Berlin' },
        workflows: { one: { agent: {}, budget: { maxUsd: 1, perDay: { maxTokens: 7 } } } },
      }),
    );
    expect(budget).toEqual({ maxTurns: 25, timeoutMs: 600_000, maxRepeats: 3, maxDepth: 20, maxUsd: 1 });
    expect(spendingLimits).toEqual({
      perDay: { maxUsd: 5 },
      perSession: { maxTurns: 9 },
      timeZone: 'Europe/Berlin',
    });
    expect(workflows['one']?.budget?.perDay).toEqual({ maxTokens: 7 });
    const text =
      '{ "budget": {\n"perDay": { "maxUds": 5 },\n"timeZone": "Berlin",\n"perClient": { "timeoutMs": 5 } } }';
    expect((await failureOf(folder.loadText(text))).data).toMatchObject({
      problems: [
        { line: 2, path: 'budget.perDay.maxUds', nearest: 'maxUsd' },
        { line: 3, path: 'budget.timeZone', expected: expect.stringContaining('Europe/Berlin') },
        { line: 4, path: 'budget.perClient.timeoutMs' },
      ],
    });
  });

  test('two servers of one name are an error that names both lines', async () => {
    const text = '{ "mcpServers": {\n"a": { "command": "x" },\n"a": { "command": "y" } } }';
    const error = await failureOf(folder.loadText(text));
    expect(error.message).toContain('3:1 mcpServers.a: a server of this name stands in line 2 already');
  });

  test('a value that may be a secret is told by its type alone', async () => {
    const error = await failureOf(
      folder.loadText('{ "models": { "a": { "model": "a/b", "apiKey": 1234567 } } }'),
    );
    expect(error.message).toContain('expected a string, found a number');
    expect(JSON.stringify(error.data)).not.toContain('1234567');
  });

  test.each([
    ['servers', '{ "servers": { "a": { "command": "x" } } }', "Rename the key 'servers' to 'mcpServers'"],
    ['mcp.servers', '{ "mcp": { "servers": {} } }', "Move what 'mcp.servers' holds"],
    ['context_servers', '{ "context_servers": {} }', "Rename the key 'context_servers' to 'mcpServers'"],
    ['inputs', '{ "inputs": [] }', 'in place of each'],
  ])('a file of another client with %s gets precise advice', async (_key, text, advice) => {
    expect((await failureOf(folder.loadText(text))).message).toContain(advice);
  });
});

describe('a file that can be read', () => {
  test('comments, trailing commas, a byte order mark and CRLF are no trouble', async () => {
    const text =
      '\uFEFF{\r\n  // local\r\n  "mcpServers": { "a": { "command": "x", }, /* later */ },\r\n}\r\n';
    expect((await folder.loadText(text)).servers).toMatchObject([{ name: 'a', type: 'stdio' }]);
  });

  test('positions count lines that end in CRLF once', async () => {
    const error = await failureOf(folder.loadText('{\r\n\r\n  "budgett": {}\r\n}'));
    expect(error.data).toMatchObject({ problems: [{ line: 3, column: 3 }] });
  });

  test('UTF-16, as some editors write it, is read', async () => {
    const text = Buffer.from('\uFEFF{ "maxNameLength": 60 }', 'utf16le');
    expect((await folder.loadText(text)).maxNameLength).toBe(60);
  });

  test('defaults stand where nothing is said', async () => {
    expect(await folder.loadText('{}')).toMatchObject({
      servers: [],
      models: {},
      budget: { maxTurns: 25, timeoutMs: 600_000, maxRepeats: 3 },
      naming: 'prefixed',
      maxNameLength: 47,
      maxResultTokens: 8_000,
      workflows: {},
      triggers: {},
      webhooks: DEFAULT_WEBHOOKS,
      serve: DEFAULT_SERVE,
      runs: { synchronous: 'normal', approvalHours: 24 },
      logs: { level: 'info' },
      notices: [],
    });
  });

  test('variables and defaults are replaced, also beside the servers', async () => {
    const text =
      '{ "models": { "default": ["a/b", { "model": "${M:-c/d}", "apiKey": "${KEY}" }], "fast": "e/f" } }';
    expect((await folder.loadText(text, { KEY: 'k' })).models).toEqual({
      default: [{ model: 'a/b' }, { model: 'c/d', apiKey: 'k' }],
      fast: [{ model: 'e/f' }],
    });
  });
});

describe('the search', () => {
  test('goes from --config to the working folder to the user to the shipped default', async () => {
    expect(await folder.load()).toMatchObject({ origin: 'default', folder: folder.work });
    writeFileSync(join(folder.user, 'mcp.config.json'), '{}');
    expect(await folder.load()).toMatchObject({ origin: 'user', folder: folder.user });
    folder.write('mcp.config.json', '{ "maxNameLength": 50 }');
    expect(await folder.load()).toMatchObject({ origin: 'working-folder', maxNameLength: 50 });
    folder.write('other.json', '{ "maxNameLength": 51 }');
    expect(await folder.load({ configFile: 'other.json' })).toMatchObject({
      origin: 'flag',
      maxNameLength: 51,
    });
  });

  test('a broken file is an error and not passed over', async () => {
    folder.write('mcp.config.json', '{');
    writeFileSync(join(folder.user, 'mcp.config.json'), '{}');
    expect((await failureOf(folder.load())).code).toBe('config-invalid');
  });

  test('symbolic links are resolved', async () => {
    const real = folder.write('real/there.json', '{}');
    symlinkSync(real, join(folder.work, 'link.json'));
    const config = await folder.load({ configFile: 'link.json' });
    expect(config).toMatchObject({ file: real, folder: join(folder.work, 'real') });
  });

  test('the shipped default names our four servers and drops sources that are not there', async () => {
    folder.write('docs/guide.md', '# Guide');
    const config = await folder.load({ env: { BRAVE_API_KEY: 'b', UNRELATED: 'u' } });
    expect(config.file).toBe(shippedConfigFile());
    expect(config.servers.map((server) => server.name)).toEqual(['filesystem', 'retrieval', 'memory', 'web']);
    const [filesystem, retrieval, memory, web] = config.servers;
    const argumentsOf = (...rest: string[]) => expect.arrayContaining(rest);
    expect(filesystem).toMatchObject({ command: process.execPath, args: argumentsOf('--root', folder.work) });
    expect(retrieval).toMatchObject({
      args: argumentsOf('--project', folder.work, '--source', join(folder.work, 'docs')),
      cwd: folder.work,
    });
    expect(memory).toMatchObject({ args: argumentsOf('server', 'memory', '--project', folder.work) });
    expect(web).toMatchObject({
      env: { SWITCHYARD_HOME: folder.home, BRAVE_API_KEY: 'b' },
      trust: 'annotations',
    });
    expect(web).not.toHaveProperty('env.UNRELATED');
    expect(config.notices).toMatchObject([{ level: 'info', message: expect.stringContaining('README.md') }]);
  });
});
