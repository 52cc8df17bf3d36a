import { describe, expect, test } from 'vitest';

import type { Config } from '../../../src/config/config.ts';
import type { Json } from '../../../src/json.ts';
import { knownSecrets } from '../../../src/host/secret/known.ts';
import { namesSecret } from '../../../src/host/secret/names.ts';
import { createRedactor } from '../../../src/host/secret/redactor.ts';

const common = { disabled: false, start: 'on-use', trust: 'none', timeoutMs: 1, tools: {} } as const;

describe('secrets with a well-known shape', () => {
  const shapeless = createRedactor({ known: [], isStrict: true });
  // Put together here, so that no scanner takes the source for a leak.
  const join = (...parts: string[]) => parts.join('');
  test.each([
    join('sk-', 'ant-api03-AbCdEfGhIjKl'),
    join('sk-', 'proj-abcdefgh12345678'),
    join('ghp_', 'abcdefghijklmnopqrstuvwxyz0123456789'),
    join('github_pat_', '11ABCDEFG0123456789_abcdefghij'),
    join('xoxb-', '123456789012-abcdefGHIJKL'),
    join('AKIA', 'IOSFODNN7EXAMPLE'),
    join('AIza', 'SyA1234567890abcdefghijklmnopqrstuv'),
    join('glpat-', 'abcdefghij1234567890'),
    join('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0NTY3ODkwIn0', '.dozjgNryP4J3jVmNHl0w5N'),
    join('hf_', 'abcdefghijklmnopqrstuv'),
    join('npm_', 'abcdefghijklmnopqrstuvwxyz0123456789'),
  ])('%s', (secret) => {
    for (const text of [secret, `key=${secret}, next`, `"${secret}"`, `failed: ${secret}.`]) {
      expect(shapeless.text(text)).not.toContain(secret);
      expect(shapeless.text(text)).toContain('[redacted');
    }
  });

  test.each([
    ['Authorization: Bearer abc.def-ghi', 'abc.def-ghi'],
    ['authorization=Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
    ['postgres://user:hunter2@host/db', 'hunter2'],
    ['https://token-only@host/path', 'token-only'],
    ['https://host/mcp?api_key=abcd1234&x=1', 'abcd1234'],
    ['https://host/?x=1&access_token=abcd1234#top', 'abcd1234'],
    ['password: hunter2!', 'hunter2'],
    ['{"client_secret":"hunter2"}', 'hunter2'],
    [String.raw`{\"password\": \"hunter2\"}`, 'hunter2'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY----- after', 'MIIEow'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEow cut off', 'MIIEow'],
  ])('%s', (text, secret) => {
    expect(shapeless.text(text)).not.toContain(secret);
  });

  test.each([
    'maxTokens: 4096',
    'inputTokens=1200 outputTokens=30',
    'Reads a file: path/to/file.ts:12',
    'https://example.org/path?page=2&sort=key',
    'task-sk-1 and ask-someone',
    'eyJ is how a token begins',
    'the basic idea of bearer bonds',
  ])('%s stays as it is', (text) => {
    expect(shapeless.text(text)).toBe(text);
  });

  test('a long text without a secret costs one pass', () => {
    const text = 'a'.repeat(2_000_000);
    const start = performance.now();
    expect(shapeless.text(text)).toBe(text);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('secrets that are known', () => {
  const config: Pick<Config, 'servers' | 'models' | 'triggers'> = {
    servers: [
      {
        ...common,
        type: 'stdio',
        name: 'local',
        command: 'x',
        args: ['--token', 'argument-secret', '--api-key=flag-secret', '--port', '8080'],
        env: {
          NOTE: 'plain/ish 42 value',
          MODE: 'production',
          ROOT: '/srv/data',
          DB_PASSWORD: 'word"quoted',
        },
      },
      {
        ...common,
        type: 'http',
        name: 'far',
        url: 'https://me:url-secret@host/mcp?key=query-secret',
        headers: {
          Authorization: 'Custom header-secret',
          'X-Team': 'team-secret',
          Accept: 'application/json',
        },
      },
    ],
    models: { default: [{ model: 'a/b', apiKey: 'model-secret', headers: { 'x-extra': 'extra-secret' } }] },
    triggers: {
      hook: {
        workflow: 'a',
        webhook: { sender: 'github', secret: ['former-hook-secret', 'first webhook-secret'] },
      },
    },
  };
  const env = {
    GITHUB_TOKEN: 'environment-secret',
    OPENAI_API_KEY: 'openai secret',
    PATH: '/usr/bin',
    TOKEN_FILE: '/run/token',
  };
  const redactor = createRedactor({ known: knownSecrets(config, env), isStrict: true });

  test('are masked wherever they stand, also as keys, encoded or quoted', () => {
    const value: Json = {
      message: 'argument-secret flag-secret word"quoted plain/ish 42 value',
      nested: [{ 'header-secret': 'team-secret url-secret query-secret' }],
      encoded: [
        'openai%20secret',
        JSON.stringify('word"quoted'),
        Buffer.from('model-secret').toString('base64'),
      ],
      rest: 'extra-secret environment-secret former-hook-secret first webhook-secret',
    };
    const text = JSON.stringify(redactor.value(value));
    for (const secret of [
      'secret"',
      'secret ',
      '-secret',
      'quoted',
      'plain/ish',
      'openai',
      'bW9kZWwtc2VjcmV0',
    ]) {
      expect(text.replaceAll('[redacted]', '')).not.toContain(secret);
    }
  });

  test('leave plain words, paths and ports alone', () => {
    const text = 'production /srv/data 8080 application/json /usr/bin /run/token';
    expect(redactor.text(text)).toBe(text);
  });

  test('a text under the name of a secret is masked whole, a number is not', () => {
    expect(
      redactor.value({ password: 'x', apiKey: 'y', authToken: 'z', tokens: 5, cacheKey: 'k', key: 'k' }),
    ).toEqual({
      password: '[redacted]',
      apiKey: '[redacted]',
      authToken: '[redacted]',
      tokens: 5,
      cacheKey: 'k',
      key: 'k',
    });
  });

  test.each([
    'GITHUB_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'x-api-key',
    'Authorization',
    'dbPassword',
    'SENTRY_DSN',
  ])('%s names a secret', (name) => {
    expect(namesSecret(name)).toBe(true);
  });

  test.each(['PATH', 'maxTokens', 'KEYBOARD', 'primaryKey', 'SSH_AUTH_SOCK', 'tokenCount', 'author'])(
    '%s names none',
    (name) => {
      expect(namesSecret(name)).toBe(false);
    },
  );
});
