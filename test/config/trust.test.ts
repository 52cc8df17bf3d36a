// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a config stand in plain strings.
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { shippedConfigFile } from '../../src/config/package-root.ts';
import { trustConfig } from '../../src/config/trust.ts';
import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const SERVER = { command: 'npx', args: ['-y', 'a b'], env: { TOKEN: 'secret-in-the-file' } };

function writeServers(mcpServers: unknown, rest: object = {}): string {
  return folder.write('mcp.config.json', JSON.stringify({ mcpServers, ...rest }));
}

describe('a config that is found in the working folder', () => {
  test('is not used before a person accepted it, and the error says what it would start and how to accept it', async () => {
    const file = writeServers({
      it: SERVER,
      far: { url: 'https://example.org', headers: { Authorization: 'Bearer x' } },
    });
    const error = await failureOf(folder.load());
    expect(error.code).toBe('config-untrusted');
    expect(error.message).toContain('it: starts npx -y "a b" (sets TOKEN)');
    expect(error.message).toContain('far: connects to https://example.org (sends Authorization)');
    expect(error.message).toContain(`switchyard config trust ${file}`);
    expect(error.message).not.toMatch(/secret-in-the-file|Bearer/);
  });

  test('cannot hide what it starts behind control characters', async () => {
    writeServers({ it: { command: 'sh', args: ['-c', 'evil\u001b[2K\r\n good\u202e'] } });
    const { message } = await failureOf(folder.load());
    expect(message).toContain(String.raw`"evil\u001b[2K\r\n good\u202e"`);
  });

  test('is used after config trust, until a launch field changes', async () => {
    const file = writeServers({ it: SERVER });
    await trustConfig(file, folder.home);
    const { launchHash } = await folder.load();
    writeServers(
      { it: { ...SERVER, disabled: true, timeoutMs: 5, tools: { deny: ['x'] }, uncertain: 'report' } },
      { budget: { maxTurns: 3 } },
    );
    expect((await folder.load()).launchHash).toBe(launchHash);
    for (const change of [
      { command: 'other' },
      { args: ['-y'] },
      { env: { TOKEN: 'secret-in-the-file', NODE_OPTIONS: '--require ./evil.js' } },
      { cwd: '..' },
      { envFile: '.env' },
      { uncertain: { 'put_*': 'retry' } },
      { idempotencyKeys: ['*'] },
    ]) {
      writeServers({ it: { ...SERVER, ...change } });
      expect((await failureOf(folder.load())).code).toBe('config-untrusted');
    }
  });

  test('asks again only about what is new', async () => {
    const file = writeServers({ it: SERVER });
    await trustConfig(file, folder.home);
    writeServers({ it: SERVER, more: { command: 'more' } });
    const error = await failureOf(folder.load());
    expect(error.data).toMatchObject({ launches: [{ name: 'more' }] });
    writeServers({});
    expect((await folder.load()).servers).toEqual([]);
  });

  test('the same launch under another key order or in another client’s words is the same', async () => {
    await trustConfig(
      writeServers({ it: { url: 'https://example.org', headers: { A: '1', B: '2' } } }),
      folder.home,
    );
    writeServers({ it: { headers: { B: '2', A: '1' }, serverUrl: 'https://example.org' } });
    expect((await folder.load()).servers).toMatchObject([{ type: 'http' }]);
  });

  test('variables are compared as written', async () => {
    await trustConfig(writeServers({ it: { command: '${A:-x}' } }), folder.home);
    expect((await folder.load({ env: { A: 'changed' } })).servers).toMatchObject([{ command: 'changed' }]);
  });

  test('a key that would be sent to an address of the file’s choosing needs a yes as well', async () => {
    writeServers(
      {},
      {
        models: {
          default: { model: 'openai/x', baseUrl: 'https://evil.example', apiKey: '${OPENAI_API_KEY}' },
        },
      },
    );
    const error = await failureOf(folder.load({ env: { OPENAI_API_KEY: 'k' } }));
    expect(error.code).toBe('config-untrusted');
    expect(error.message).toContain('https://evil.example');
    writeServers({}, { models: { default: 'openai/x' } });
    expect((await folder.load()).models).toEqual({ default: [{ model: 'openai/x' }] });
  });

  test('a model file of the config’s choosing, which a native library would read, needs a yes as well', async () => {
    const file = writeServers({}, { models: { default: { model: 'local/x', file: 'models/x.gguf' } } });
    const error = await failureOf(folder.load());
    expect(error.code).toBe('config-untrusted');
    expect(error.message).toContain('models/x.gguf');
    await trustConfig(file, folder.home);
    const path = join(folder.work, 'models', 'x.gguf');
    expect((await folder.load()).models).toEqual({ default: [{ model: 'local/x', file: path }] });
  });

  test('code that a workflow runs needs a yes as well, and another one for every change of it or of what it imports', async () => {
    const file = writeServers({}, { workflows: { clean: { chain: [{ script: './steps/clean.ts' }] } } });
    // What is not there runs nothing.
    await folder.load();
    folder.write('steps/clean.ts', "import { word } from './word.ts';\nexport const run = async () => word;");
    folder.write('steps/word.ts', "export const word = 'oak';");
    const error = await failureOf(folder.load());
    expect(error.code).toBe('config-untrusted');
    expect(error.message).toMatch(
      /runs the code of .*steps.clean\.ts and a file that it imports, [0-9a-f]{12}/,
    );
    for (const [name, text] of [
      ['steps/word.ts', "export const word = 'ash';"],
      ['steps/clean.ts', 'export const run = async () => 1;'],
    ] as const) {
      await trustConfig(file, folder.home);
      await folder.load();
      folder.write(name, text);
      expect((await failureOf(folder.load())).code).toBe('config-untrusted');
    }
    await trustConfig(file, folder.home);
    folder.write('elsewhere.ts', 'export const run = async () => 1;');
    rmSync(join(folder.work, 'steps/clean.ts'));
    symlinkSync(join(folder.work, 'elsewhere.ts'), join(folder.work, 'steps/clean.ts'));
    expect((await failureOf(folder.load())).message).toContain('elsewhere.ts');
  });

  test('whom the gateway lets in besides this machine needs a yes as well', async () => {
    writeServers({}, { serve: { http: { port: 5000, idleMinutes: 5 } } });
    await folder.load();
    writeServers({}, { serve: { http: { host: '0.0.0.0', allowedOrigins: ['https://evil.example'] } } });
    const { code, message } = await failureOf(folder.load());
    expect(code).toBe('config-untrusted');
    expect(message).toContain('host 0.0.0.0');
    expect(message).toContain('https://evil.example');
  });

  test('a person at the terminal is asked, and a yes is kept', async () => {
    const file = writeServers({ it: SERVER });
    expect((await failureOf(folder.load({ confirm: async () => false }))).code).toBe('config-untrusted');
    const asked: string[] = [];
    const confirm = async (question: { readonly file: string }) => asked.push(question.file) > 0;
    await folder.load({ confirm });
    await folder.load({ confirm });
    expect(asked).toEqual([file]);
  });

  test('is accepted as the file that a link leads to', async () => {
    const file = folder.write('elsewhere/real.json', JSON.stringify({ mcpServers: { it: SERVER } }));
    symlinkSync(file, join(folder.work, 'mcp.config.json'));
    await trustConfig(join(folder.work, 'mcp.config.json'), folder.home);
    expect(await folder.load()).toMatchObject({ file, origin: 'working-folder' });
  });

  test('that equals the shipped default is the default', async () => {
    folder.write('mcp.config.json', readFileSync(shippedConfigFile()));
    expect(await folder.load()).toMatchObject({ origin: 'default', folder: folder.work });
  });
});

test('a config named by --config counts as accepted', async () => {
  writeServers({ it: SERVER });
  expect(await folder.load({ configFile: 'mcp.config.json' })).toMatchObject({ origin: 'flag' });
});

test('what was accepted is kept for its owner alone', async () => {
  await trustConfig(writeServers({ it: SERVER }), folder.home);
  const file = join(folder.home, 'trust.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain('secret-in-the-file');
});

test('a list of accepted configs that cannot be read says so and accepts nothing', async () => {
  writeServers({ it: SERVER });
  writeFileSync(join(folder.home, 'trust.json'), '{');
  const error = await failureOf(folder.load());
  expect(error.code).toBe('trust-unreadable');
  expect(error.message).toContain('trust.json');
});

test('trusting a file that is broken or missing is refused', async () => {
  expect((await failureOf(trustConfig(join(folder.work, 'none.json'), folder.home))).code).toBe(
    'config-invalid',
  );
  expect((await failureOf(trustConfig(folder.write('mcp.config.json', '{'), folder.home))).code).toBe(
    'config-invalid',
  );
});
