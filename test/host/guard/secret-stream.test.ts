import { beforeAll, expect, test } from 'vitest';

import { createSecretStream } from '../../../src/host/guard/secret-stream.ts';
import { createSecretDetector } from '../../../src/host/secret/detector.ts';
import { loadRules } from '../../../src/host/secret/rules.ts';

const TOKEN = ['ghp_', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('');
const KEY = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'.repeat(20)}-----END PRIVATE KEY-----`;
const PHRASE = 'correct horse battery';
const detector = createSecretDetector({ known: [PHRASE, 'plain-known-value', 'größe 12 käse'] });

beforeAll(loadRules);

function stream(pieces: readonly string[]): readonly string[] {
  const filter = createSecretStream(detector);
  return [...pieces.map((piece) => filter.push(piece)), filter.flush()];
}

function inPieces(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}

const TEXTS: readonly (readonly [what: string, text: string, secret: string])[] = [
  ['a token', `The token is ${TOKEN}. Use it.`, TOKEN],
  ['a token at the end', `It is ${TOKEN}`, TOKEN],
  ['a known value', 'say plain-known-value now', 'plain-known-value'],
  ['a phrase', `say ${PHRASE} now`, 'horse battery'],
  ['a phrase with other letters', 'say größe 12 käse now', '12 käse'],
  ['a phrase at the end', `say ${PHRASE}`, 'horse battery'],
  ['a password', 'The file says password: "hunter2 and more", I think.', 'hunter2'],
  ['a header', 'Authorization: Bearer abcDEF123456 end', 'abcDEF123456'],
  ['a key file', `Here:\n${KEY}\nThat is all.`, 'MIIEvQ'],
  ['a key file without end', `Here:\n${KEY.slice(0, 300)}`, 'MIIEvQ'],
  [
    'base64 of a known value',
    `x ${Buffer.from('plain-known-value').toString('base64')} y`,
    'cGxhaW4ta25vd24t',
  ],
];

test.each(TEXTS)('%s never shows, wherever the stream is cut', (_what, text, secret) => {
  const whole = detector.mask(text);
  for (const length of [1, 2, 3, 5, 7, 11, 64]) {
    const shown = stream(inPieces(text, length)).join('');
    expect(shown).not.toContain(secret.slice(0, 8));
    expect(shown).toBe(whole);
  }
  for (let cut = 1; cut < text.length; cut += 1) {
    expect(stream([text.slice(0, cut), text.slice(cut)]).join('')).toBe(whole);
  }
});

test('ordinary text waits for the end of its word and no longer', () => {
  const words =
    'This is an ordinary answer with a fairly long sentence, no secret in it. '.match(/\S+\s*/g) ?? [];
  const filter = createSecretStream(detector);
  const shown = words.map((word) => filter.push(word));
  expect(shown).toEqual(words);
});

test('text without spaces, as Chinese is written, is shown as it comes', () => {
  const filter = createSecretStream(detector);
  expect(filter.push('今天天气很好')).toBe('今天天气很好');
});

test('a word without end holds back a bounded part of it', () => {
  const filter = createSecretStream(detector);
  const shown = Array.from({ length: 100 }, () => filter.push('x'.repeat(1_000))).join('');
  expect(shown.length).toBeGreaterThanOrEqual(75_000);
  expect(shown.length + filter.flush().length).toBe(100_000);
});

test('of a secret without end nothing shows, and what follows does', () => {
  const filter = createSecretStream(detector);
  const pieces = [
    `key ${TOKEN.slice(0, 4)}`,
    ...Array.from({ length: 100 }, () => 'Ab1'.repeat(400)),
    ' after it',
  ];
  const shown = [...pieces.map((piece) => filter.push(piece)), filter.flush()].join('');
  expect(shown).not.toContain('Ab1');
  expect(shown).toMatch(/^key \[redacted.*\] after it$/);
});
