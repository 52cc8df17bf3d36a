import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  addToken,
  listTokens,
  openClientTokens,
  revokeToken,
} from '../../../src/host/client-token/token-store.ts';
import { createSecretDetector } from '../../../src/host/secret/detector.ts';
import { openState, type State } from '../../../src/host/state.ts';
import { type TemporaryFolder, temporaryFolder } from '../../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let state: State;

beforeEach(async () => {
  folder = await temporaryFolder('tokens');
  state = openState(folder.path);
});

afterEach(async () => {
  state[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

const unexpected = (error: unknown): never => {
  throw error;
};

test('a token is valid for whoever has the whole of it, and for nobody else', () => {
  const { token } = addToken(state, 'laptop');
  const other = addToken(state, 'phone').token;
  const tokens = openClientTokens(state, { onFailure: unexpected });
  expect(token).toMatch(/^swy_[2-9a-z]{8}_[\w-]{43}$/);
  expect(tokens.check(token)).toMatchObject({ type: 'valid', name: 'laptop' });
  expect(tokens.check(other)).toMatchObject({ type: 'valid', name: 'phone' });
  const forged = [
    '',
    'swy_',
    token.slice(0, -1),
    `${token}x`,
    // The id of one with the secret of another.
    token.slice(0, 13) + other.slice(13),
    `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
    token.toUpperCase(),
    `${token}\0`,
  ];
  for (const one of forged) expect([one, tokens.check(one)]).toEqual([one, { type: 'unknown' }]);
});

test('what is kept does not hold the token', () => {
  const { token } = addToken(state, 'laptop');
  state.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const secret = token.slice('swy_23456789_'.length);
  for (const text of [JSON.stringify(listTokens(state)), readFileSync(state.file, 'latin1')])
    expect(text).not.toContain(secret);
  expect(readFileSync(state.file, 'latin1')).toContain('laptop');
});

test('one that another process revokes is unknown from the next check on', () => {
  const { token } = addToken(state, 'laptop');
  const tokens = openClientTokens(state, { onFailure: unexpected });
  expect(tokens.check(token).type).toBe('valid');
  using elsewhere = openState(folder.path);
  revokeToken(elsewhere, 'laptop');
  expect(tokens.check(token)).toEqual({ type: 'unknown' });
  expect(tokens.known()).toEqual({ any: false, valid: false });
  const again = addToken(elsewhere, 'laptop').token;
  expect(tokens.check(again)).toMatchObject({ type: 'valid', name: 'laptop' });
  expect(tokens.check(token)).toEqual({ type: 'unknown' });
});

test('one expires when its time is over, and is still there', () => {
  let nowMs = Date.now();
  const { token } = addToken(state, 'guest', { lifetimeMs: 60_000 });
  const tokens = openClientTokens(state, { onFailure: unexpected, now: () => nowMs });
  expect(tokens.check(token)).toMatchObject({ type: 'valid', name: 'guest' });
  expect(tokens.known()).toEqual({ any: true, valid: true });
  nowMs += 61_000;
  expect(tokens.check(token)).toEqual({ type: 'expired', name: 'guest' });
  expect(tokens.known()).toEqual({ any: true, valid: false });
});

test('its last use is written now and then, and no lock of another process is waited for', () => {
  let nowMs = Date.now();
  const { token } = addToken(state, 'laptop');
  const failures: unknown[] = [];
  const tokens = openClientTokens(state, { onFailure: (error) => failures.push(error), now: () => nowMs });
  const lastUse = (): number | undefined => listTokens(state)[0]?.lastUsedMs;
  expect(lastUse()).toBeUndefined();
  tokens.check(token);
  const first = nowMs;
  expect(lastUse()).toBe(first);
  nowMs += 60_000;
  tokens.check(token);
  expect(lastUse()).toBe(first);
  nowMs += 600_000;
  {
    using writer = new DatabaseSync(state.file);
    writer.exec('BEGIN IMMEDIATE');
    expect(tokens.check(token).type).toBe('valid');
    expect(failures).toHaveLength(1);
    expect(lastUse()).toBe(first);
  }
  tokens.check(token);
  expect(lastUse()).toBe(nowMs);
});

test('a name is taken once, and is one that can stand in an actor', () => {
  addToken(state, 'laptop');
  expect(() => addToken(state, 'laptop')).toThrow(/already.*tokens revoke laptop/);
  for (const name of ['', 'a b', 'ä', '../x', 'x'.repeat(65)])
    expect(() => addToken(state, name)).toThrow(/no name for a token/);
  expect(() => revokeToken(state, 'phone')).toThrow('There is no token "phone". There are laptop.');
  expect(() => addToken(state, 'long', { lifetimeMs: Number.MAX_SAFE_INTEGER })).toThrow('100 years');
});

test('a token is masked wherever secrets are', () => {
  const { token } = addToken(state, 'laptop');
  const masked = createSecretDetector({ known: [] }).mask(`It sent ${token}, and more.`);
  expect(masked).toMatch(/^It sent \[redacted[^\]]*\], and more\.$/);
});
