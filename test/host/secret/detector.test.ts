import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { createSecretDetector } from '../../../src/host/secret/detector.ts';
import { createRedactor } from '../../../src/host/secret/redactor.ts';
import { loadRules } from '../../../src/host/secret/rules.ts';
import { packageRoot } from '../../../src/config/package-root.ts';

// Put together here, so that no scanner takes the source for a leak.
const join2 = (...parts: readonly string[]): string => parts.join('');
const GITHUB = join2('ghp_', 'abcdefghijklmnopqrstuvwxyz0123456789');
const NOTION = join2('ntn_', '12345678901', 'abcdefghijABCDEFGHIJabcdefghijABCDE');
const TAILSCALE = join2('tskey-', 'auth-kAbCdEf12345-', 'AbCdEfGhIjKlMnOpQrStUvWx');

const shapes = createSecretDetector({ known: [] });

beforeAll(loadRules);

describe('in text that a model reads', () => {
  test.each([
    ['a token on its own', `The token is ${GITHUB}, keep it.`, GITHUB, '[redacted: github-token]'],
    [
      'a rule of the maintained set',
      `figma: ${join2('figd_', 'Ab1'.repeat(15))}`,
      'Ab1Ab1',
      '[redacted: figma',
    ],
    [
      'a rule that reports the place of the whole match',
      `aws_secret_access_key = ${'Ab1/'.repeat(10)}`,
      'Ab1/',
      'aws_secret_access_key',
    ],
    ['tailscale', TAILSCALE, 'kAbCdEf', '[redacted: tailscale'],
    ['notion', NOTION, '12345678901', '[redacted'],
    [
      'a password of a database',
      'DATABASE_URL=postgres://app:hunter2x@db.example.org/app',
      'hunter2x',
      '@db.example.org/app',
    ],
    [
      'a quoted password',
      'const options = { password: "correct horse battery" };',
      'horse',
      '{ password: "[redacted]" }',
    ],
    ['a line of an .env file', 'DB_PASSWORD=letmein\nPORT=80', 'letmein', 'DB_PASSWORD=[redacted]\nPORT=80'],
    [
      'a random value beside the name of a token',
      'token: 9f8Hs72kQpZx81LmVb',
      '9f8Hs72kQpZx81LmVb',
      'token: [redacted]',
    ],
    [
      'a signature of a URL',
      'https://host/file?X-Amz-Signature=0a1b2c3d4e5f60718293&x=1',
      '0a1b2c3d4e5f',
      '&x=1',
    ],
    ['a header', 'Authorization: Bearer abcDEF123456ghi', 'abcDEF123456ghi', 'Bearer [redacted: bearer]'],
  ])('%s is masked, and the rest stays', (_what, text, secret, rest) => {
    const clean = shapes.mask(text);
    expect(clean).not.toContain(secret);
    expect(clean).toContain(rest);
  });

  test('a comment of the rule set that switches rules off switches nothing off', () => {
    for (const comment of ['secretlint-disable', 'secretlint-disable-line', 'secretlint-disable-next-line']) {
      expect(shapes.mask(`/* ${comment} */ ${TAILSCALE}\n${TAILSCALE}`)).not.toContain('kAbCdEf');
    }
  });

  test.each([
    ['a commit', 'commit 2f1e7c9a4b5d6e7f8091a2b3c4d5e6f708192a3b (HEAD -> main)'],
    ['a digest', 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    ['a UUID', '"id": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"'],
    [
      'an integrity',
      '"integrity": "sha512-DIM1YUBZ8vXXCCVhDcmnpnxxAJqbNCkP3hCiuRDtZjKuHDdXfTbLRO/vYKBTBWqzDmqWw1lf0S5PKJ4x8ZMg=="',
    ],
    ['a type', 'interface Login { password: string; token?: string; apiKey: string | undefined }'],
    ['a call', 'const token = await getAccessToken(session); const secret = process.env.SECRET;'],
    ['a schema', 'password: z.string().min(8), credentials: "include", authorization: undefined'],
    [
      'a place to fill in',
      'API_KEY=<your key>  password: "your-password-here" token: ${TOKEN} SECRET={{ secret }}',
    ],
    ['a cursor', '{"nextPageToken":"CAUQAA1234567890abcdef","page_token": "abc1234567890DEFghi"}'],
    ['a user of ssh', 'git clone ssh://git@github.com/owner/repository.git'],
    ['an address with @ in its path', 'https://medium.com/@someone/story-1234567890'],
    [
      'words with a dash',
      'scikit sk-learn-contrib-extras-package fw-update-service-manager pypi-publish-workflow',
    ],
    [
      'prose',
      'The bearer of bad news asked for basic authentication; the password was forgotten. Tokens: 4096.',
    ],
    ['counts', 'maxTokens: 4096, inputTokens=1200, token_count = 12345678'],
    ['a picture', `data:image/png;base64,${Buffer.from('x'.repeat(3_000)).toString('base64')}`],
  ])('%s stays as it is', (_what, text) => {
    expect(shapes.mask(text)).toBe(text);
  });

  test('neither the lock file nor the documents of this project hold one', async () => {
    for (const file of ['package-lock.json', 'README.md', 'docs/configuration.md', 'docs/command-line.md']) {
      expect([file, shapes.find(await readFile(join(packageRoot(), file), 'utf8'))]).toEqual([file, []]);
    }
  });
});

describe('a secret that is known by value', () => {
  const secret = 'käse & wein/42?';
  const detector = createSecretDetector({ known: [secret] });

  test.each([
    ['as it is', secret],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ q: secret }).toString()],
    ['in JSON', JSON.stringify({ q: `${secret}"` })],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ...[0, 1, 2].map((before) => [
      `in base64 behind ${before} characters`,
      Buffer.from(`${'x'.repeat(before)}${secret}${'y'.repeat(before)}`).toString('base64'),
    ]),
    ['in base64 for URLs', Buffer.from(`~~${secret}~~`).toString('base64url')],
  ])('is found %s', (_how, text) => {
    expect(detector.find(`before ${text} after`)).toHaveLength(1);
  });
});

describe('in a large text', () => {
  test('a secret at each place of a window and across its borders is masked, once', async () => {
    const known = 'the-known-secret-of-the-test';
    const detector = createSecretDetector({ known: [known] });
    // Later ones first: a window ends at 256,000, and the next one begins at 236,000.
    const places = [900_000, 471_985, 255_985, 255_500, 235_985, 235_500, 0];
    let text = 'word '.repeat(200_000);
    for (const place of places) text = `${text.slice(0, place)} ${known} ${GITHUB} ${text.slice(place)}`;
    const clean = await detector.maskLarge(text);
    expect(clean).not.toContain(known);
    expect(clean).not.toContain(GITHUB);
    expect(clean.match(/\[redacted\]/g)).toHaveLength(places.length);
    expect(clean.match(/\[redacted: github-token\]/g)).toHaveLength(places.length);
    expect(clean.replaceAll(/ \[redacted(?:: github-token)?\] \[redacted: github-token\] /g, '')).toBe(
      'word '.repeat(200_000),
    );
    expect(detector.mask(text)).toBe(clean);
  });
});

describe('in a value', () => {
  const redactor = createRedactor({ known: ['the-known-secret'] });

  test('every text is masked, keys that hold a secret too, and nothing is lost', () => {
    expect(
      redactor.value({
        content: [{ type: 'text', text: `x ${GITHUB}` }],
        structuredContent: { password: 'letmein', token: 'the', nested: [['the-known-secret']], size: 3 },
        [`a ${GITHUB}`]: 1,
        [`a ${GITHUB.replace('abc', 'cba')}`]: 2,
      }),
    ).toEqual({
      content: [{ type: 'text', text: 'x [redacted: github-token]' }],
      structuredContent: { password: '[redacted]', token: 'the', nested: [['[redacted]']], size: 3 },
      'a [redacted: github-token]': 1,
      'a [redacted: github-token] 2': 2,
    });
  });

  test('a value without secrets is returned as it is', () => {
    const value = { content: [{ type: 'text', text: 'nothing here' }], list: [1, [2, { three: null }]] };
    expect(redactor.value(value)).toBe(value);
  });

  test('a value that is nested without end is refused, not followed until the stack ends', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    expect(() => redactor.value(deep)).toThrow('nested more than 1000 levels deep');
  });
});

test.each(['-----BEGIN PRIVATE KEY-----', 'password: "', '://a:', 'eyJ', 'sk-', 'Bearer ', '&key='])(
  'a secret behind a long text made of %j is reached: its time does not grow with the square',
  (piece) => {
    const text = `${piece.repeat(400_000 / piece.length)}\n\n; the token is ${GITHUB} here`;
    expect(shapes.mask(text)).not.toContain(GITHUB);
    expect(shapes.mask(text)).toMatch(/here$/);
  },
);
