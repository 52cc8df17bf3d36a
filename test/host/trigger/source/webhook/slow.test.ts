/** Senders that send half of a request and wait, and sockets that are not what they say. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { rawConnection } from '../../../../fixtures/raw-http.ts';
import { GITHUB, hex, type OpenHooks, openHooks, post } from './open-hooks.ts';

let hooks: OpenHooks;
beforeEach(() => {
  hooks = openHooks({}, { headersTimeoutMs: 200, requestTimeoutMs: 400 });
});
afterEach(() => hooks[Symbol.asyncDispose]());

test.each([
  ['a head', 'POST /hooks/hook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-'],
  [
    'a body',
    'POST /hooks/hook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a":',
  ],
])('%s that does not come to its end is answered 408, and others come in meanwhile', async (_what, sent) => {
  const { url, told } = await hooks.open(GITHUB);
  using raw = await rawConnection(url);
  raw.write(sent);
  expect((await post(url, '{}')).status).toBe(202);
  expect(await raw.closed).toMatch(/^HTTP\/1\.1 408 /);
  expect(told.deliveries).toHaveLength(1);
});

test('at the end an answer that is due is read, and half a request holds nobody up', async () => {
  const { url, told } = await hooks.open(GITHUB);
  using half = await rawConnection(url);
  half.write('POST /hooks/hook HTTP/1.1\r\nHost: ');
  const holding = Promise.withResolvers<void>();
  told.hold = holding.promise;
  const answer = post(url, '{}');
  await expect.poll(() => told.deliveries.length).toBe(1);
  const closing = hooks[Symbol.asyncDispose]();
  holding.resolve();
  expect((await answer).status).toBe(202);
  await closing;
  await half.closed;
});

test('more open requests than can be held are told to come again', async () => {
  const { url, told } = await hooks.open(GITHUB);
  const holding = Promise.withResolvers<void>();
  told.hold = holding.promise;
  const open = Array.from({ length: 64 }, (_, count) => post(url, '{}', { delivery: `d-${count}` }));
  await expect.poll(() => told.deliveries.length).toBe(64);
  const refused = await post(url, '{}', { delivery: 'one-more' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  holding.resolve();
  for (const { status } of await Promise.all(open)) expect(status).toBe(202);
  expect((await post(url, '{}', { delivery: 'one-more' })).status).toBe(202);
});

test('an unsigned webhook is not reached under a name that a page on the web chose', async () => {
  const { url, told } = await hooks.open({ unsigned: true });
  for (const [host, status] of [
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['', 403],
    ['localhost', 202],
  ] as const) {
    using raw = await rawConnection(url);
    const body = `{"host":"${host}"}`;
    raw.write(
      `POST /hooks/hook HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(await raw.until('\r\n\r\n')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  }
  expect(told.events).toHaveLength(1);
});

test('two signatures, of which one is good, are none: something on the way may take the other', async () => {
  const { url } = await hooks.open(GITHUB);
  using raw = await rawConnection(url);
  raw.write(
    `POST /hooks/hook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n` +
      `X-Hub-Signature-256: sha256=${hex('{}')}\r\nX-Hub-Signature-256: sha256=${'0'.repeat(64)}\r\n\r\n{}`,
  );
  expect(await raw.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 /);
});

test('a port that somebody has is told, and listened on once it is free', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  hooks.settings = { ...hooks.settings, port };
  await expect(hooks.open(GITHUB)).rejects.toMatchObject({ code: 'port-in-use' });
  other.close();
  await once(other, 'close');
  const { url, source } = await hooks.open(GITHUB);
  expect(new URL(url).port).toBe(String(port));
  await source[Symbol.asyncDispose]();
  const again = createServer().listen(port, '127.0.0.1');
  await once(again, 'listening');
  again.close();
});
