/** Who comes in over HTTP: real requests to an Express server on loopback, tokens in a real state.db. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';

import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ClientTokens } from '../../../../src/host/client-token/contract.ts';
import { addToken, openClientTokens, revokeToken } from '../../../../src/host/client-token/token-store.ts';
import { createAdmission } from '../../../../src/host/serve/http/admission.ts';
import { requireTokens } from '../../../../src/host/serve/http/require-tokens.ts';
import { isLoopbackHost } from '../../../../src/loopback.ts';
import { openState, type State } from '../../../../src/host/state.ts';
import type { LogEntry } from '../../../../src/registry/contract.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let state: State;
let tokens: ClientTokens;
let server: Server | undefined;
let entries: LogEntry[];
let held: (() => void)[];

beforeEach(async () => {
  folder = await temporaryFolder('admission');
  state = openState(folder.path);
  tokens = openClientTokens(state, {
    onFailure(error) {
      throw error;
    },
  });
  entries = [];
  held = [];
});

afterEach(async () => {
  for (const answer of held) answer();
  server?.closeAllConnections();
  if (server !== undefined) await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  state[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

interface Served {
  readonly ask: (
    headers?: Readonly<Record<string, string>>,
    init?: RequestInit,
    path?: string,
  ) => Promise<Response>;
}

/** It answers with whose request it is; what is posted to /held is answered at the end. */
async function serve({ loopback = true, requestsPerMinute = 6_000 } = {}): Promise<Served> {
  const admission = createAdmission({
    tokens,
    loopback,
    settings: () => ({ requestsPerMinute }),
    log: (entry) => entries.push(entry),
  });
  const app = express();
  app.use(...admission.handlers);
  app.post('/held', (_request, response) => {
    held.push(() => response.end());
  });
  app.use((request, response) => {
    response.json({ principal: admission.principalOf(request) ?? null });
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ask: (headers = {}, init = {}, path = '') =>
      fetch(`http://127.0.0.1:${port}/${path}`, { method: 'POST', ...init, headers }),
  };
}

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

async function principalOf(response: Promise<Response>): Promise<unknown> {
  const answered = await response;
  expect(answered.status).toBe(200);
  return ((await answered.json()) as { principal: unknown }).principal;
}

async function refusalOf(response: Promise<Response>): Promise<unknown> {
  const answered = await response;
  expect(answered.headers.get('content-type')).toBe('application/json');
  return {
    status: answered.status,
    challenge: answered.headers.get('www-authenticate'),
    retryAfter: answered.headers.get('retry-after'),
    body: await answered.json(),
  };
}

const errorWith = (code: number, message: string): unknown => ({
  jsonrpc: '2.0',
  id: null,
  error: { code, message: expect.stringContaining(message) },
});

describe('tokens', () => {
  test('none is needed on loopback while there is none, and one is from the first on', async () => {
    const { ask } = await serve();
    expect(await principalOf(ask())).toBeNull();
    const { token } = addToken(state, 'laptop');
    expect(await refusalOf(ask())).toEqual({
      status: 401,
      challenge: 'Bearer realm="switchyard"',
      retryAfter: null,
      body: errorWith(-32_010, 'switchyard tokens add'),
    });
    expect(await principalOf(ask(bearer(token)))).toBe('laptop');
    expect(await principalOf(ask({ authorization: `bearer  ${token}` }))).toBe('laptop');
  });

  test('one that is revoked is refused by the next request, and no door opens with the last', async () => {
    const { token } = addToken(state, 'laptop');
    const { ask } = await serve();
    expect(await principalOf(ask(bearer(token)))).toBe('laptop');
    revokeToken(state, 'laptop');
    expect(await refusalOf(ask(bearer(token)))).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="switchyard", error="invalid_token"',
      body: errorWith(-32_010, 'unknown, or was revoked'),
    });
    expect(await refusalOf(ask())).toMatchObject({ status: 401 });
  });

  test('one that has expired is refused, and keeps the door shut', async () => {
    const { token } = addToken(state, 'guest', { lifetimeMs: 0 });
    await expect.poll(() => tokens.check(token).type).toBe('expired');
    const { ask } = await serve();
    expect(await refusalOf(ask(bearer(token)))).toMatchObject({ body: errorWith(-32_010, 'expired') });
    expect(await refusalOf(ask())).toMatchObject({ status: 401 });
    expect(entries.map(({ fields }) => fields)).toEqual([
      { address: '127.0.0.1', reason: 'expired token', principal: 'guest' },
      { address: '127.0.0.1', reason: 'no token' },
    ]);
  });

  test('one is needed where other machines reach the server, whatever there is', async () => {
    const { ask } = await serve({ loopback: false });
    expect(await refusalOf(ask())).toMatchObject({ status: 401 });
  });

  test.each(['Basic bGFwdG9wOnN3eQ==', 'Bearer', 'Bearer  ', 'Bearer a b', 'swy_x', 'Bearer,swy_x'])(
    'the header "%s" is no way in',
    async (authorization) => {
      addToken(state, 'laptop');
      const { ask } = await serve();
      expect(await refusalOf(ask({ authorization }))).toMatchObject({ status: 401 });
    },
  );

  test('a token that is not good is refused also where none is needed', async () => {
    const { ask } = await serve();
    expect(await refusalOf(ask(bearer('swy_somebody')))).toMatchObject({ status: 401 });
    expect(await principalOf(ask({ authorization: 'Basic bGFwdG9wOnN3eQ==' }))).toBeNull();
  });

  test('nobody comes in where they cannot be read, and the client is not told why', async () => {
    const { token } = addToken(state, 'laptop');
    const { ask } = await serve();
    state[Symbol.dispose]();
    for (const headers of [bearer(token), {}])
      expect(await refusalOf(ask(headers))).toMatchObject({
        status: 503,
        body: errorWith(-32_603, 'the log of the server says why'),
      });
    expect(entries[0]?.fields).toMatchObject({ reason: 'tokens unreadable', cause: expect.any(String) });
  });
});

test('failed attempts of an address are bounded and logged without the token; good ones pass meanwhile', async () => {
  const { token } = addToken(state, 'laptop');
  const { ask } = await serve();
  const wrong = 'swy_23456789_not-the-one-that-was-given-to-this-client-xx';
  const statuses: number[] = [];
  for (let count = 0; count < 30; count += 1) statuses.push((await ask(bearer(wrong))).status);
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(10).fill(429)]);
  expect(await refusalOf(ask(bearer(wrong)))).toMatchObject({
    status: 429,
    retryAfter: expect.stringMatching(/^[1-9]\d?$/),
    body: errorWith(-32_011, 'without a good token'),
  });
  expect(await principalOf(ask(bearer(token)))).toBe('laptop');
  expect(entries.map(({ event }) => event)).toEqual([
    ...Array(20).fill('client-refused'),
    'client-refused-too-often',
  ]);
  expect(JSON.stringify(entries)).not.toContain('swy_');
});

test('requests a minute are counted by token, and one client leaves the others theirs', async () => {
  const laptop = bearer(addToken(state, 'laptop').token);
  const phone = bearer(addToken(state, 'phone').token);
  const { ask } = await serve({ requestsPerMinute: 5 });
  for (let count = 0; count < 5; count += 1) expect(await principalOf(ask(laptop))).toBe('laptop');
  expect(await refusalOf(ask(laptop))).toEqual({
    status: 429,
    challenge: null,
    retryAfter: expect.stringMatching(/^[1-9]\d?$/),
    body: errorWith(-32_011, 'More than 5 requests in a minute'),
  });
  expect((await ask(laptop)).status).toBe(429);
  expect(await principalOf(ask(phone))).toBe('phone');
  expect(entries.map(({ event, fields }) => [event, fields])).toEqual([
    ['client-too-fast', { client: 'token laptop', limit: 5 }],
  ]);
});

test('where no token is needed they are counted by address, whatever a proxy header says', async () => {
  const { ask } = await serve({ requestsPerMinute: 2 });
  const statuses: number[] = [];
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    statuses.push((await ask({ 'X-Forwarded-For': address })).status);
  expect(statuses).toEqual([200, 200, 429]);
});

test('a client with too many open requests gets an error, another one its answer', async () => {
  const laptop = bearer(addToken(state, 'laptop').token);
  const phone = bearer(addToken(state, 'phone').token);
  const { ask } = await serve();
  await ask(phone);
  const leaving = new AbortController();
  const openOne = (signal: AbortSignal | null = null): Promise<Response> => ask(laptop, { signal }, 'held');
  const gone = openOne(leaving.signal);
  const open = Array.from({ length: 999 }, () => openOne());
  await expect.poll(() => held.length, { timeout: 30_000 }).toBe(1_000);
  expect(await refusalOf(openOne())).toMatchObject({
    status: 429,
    retryAfter: '1',
    body: errorWith(-32_011, 'More than 1000 requests of this client are open'),
  });
  expect(await principalOf(ask(phone))).toBe('phone');
  // One that the client gives up makes room.
  leaving.abort();
  await expect(gone).rejects.toThrow();
  await expect.poll(async () => (await ask(laptop)).status).toBe(200);
  for (const answer of held.splice(0)) answer();
  for (const response of await Promise.all(open)) expect(response.status).toBe(200);
  expect(await principalOf(ask(laptop))).toBe('laptop');
});

test('only loopback addresses are open without a token', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1']) {
    expect([host, isLoopbackHost(host)]).toEqual([host, true]);
    requireTokens(host, tokens);
  }
  const open = [
    '0.0.0.0',
    '::',
    '[::]',
    '192.168.1.2',
    '10.0.0.1',
    'example.com',
    '',
    '127.0.0.1.example.com',
  ];
  for (const host of open) {
    expect([host, isLoopbackHost(host)]).toEqual([host, false]);
    expect(() => requireTokens(host, tokens)).toThrow(/switchyard tokens add <name>/);
  }
  addToken(state, 'guest', { lifetimeMs: -1 });
  expect(() => requireTokens('0.0.0.0', tokens)).toThrow(expect.objectContaining({ code: 'usage' }));
  addToken(state, 'laptop');
  for (const host of open) requireTokens(host, tokens);
});
