/** Requests that start nothing. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { rawConnection } from '../../../../fixtures/raw-http.ts';
import { GITHUB, hex, type OpenHook, type OpenHooks, openHooks, post, SECRET } from './open-hooks.ts';

let hooks: OpenHooks;
let hook: OpenHook;

beforeEach(async () => {
  hooks = openHooks({ maxBodyBytes: 2_048, requestsPerMinute: 5 });
  hook = await hooks.open(GITHUB);
});
afterEach(() => hooks[Symbol.asyncDispose]());

const BAD = { error: 'The signature is missing, wrong or too old.' };

test.each([
  ['no signature', { 'X-Hub-Signature-256': '' }],
  ['a signature without its prefix', { 'X-Hub-Signature-256': hex('{}') }],
  ['a signature that is no digest', { 'X-Hub-Signature-256': 'sha256=zz' }],
  ['a digest that is cut off', { 'X-Hub-Signature-256': `sha256=${hex('{}').slice(0, 40)}` }],
  ['a signature of another body', { 'X-Hub-Signature-256': `sha256=${hex('{"a":1}')}` }],
  ['a signature of another secret', { 'X-Hub-Signature-256': `sha256=${hex('{}', 'another-secret-of-it')}` }],
])('%s is answered 401, which tells nothing of the secret', async (_what, headers) => {
  const response = await post(hook.url, '{}', { headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual(BAD);
  expect(hook.told.deliveries).toEqual([]);
  expect(hooks.log.at(-1)).toMatchObject({ event: 'webhook-refused', fields: { trigger: 'hook' } });
  expect(JSON.stringify(hooks.log)).not.toContain(SECRET);
  expect(JSON.stringify(hooks.log)).not.toContain(hex('{}'));
});

test('an empty body that is signed is no JSON, and one that is not signed is not looked at', async () => {
  expect((await post(hook.url, '')).status).toBe(400);
  expect((await post(hook.url, 'no json', { headers: { 'X-Hub-Signature-256': 'sha256=00' } })).status).toBe(
    401,
  );
});

test('bad signatures are told to wait after a while, and good ones come in all the same', async () => {
  const bad = { headers: { 'X-Hub-Signature-256': 'sha256=00' } };
  for (let count = 0; count < 20; count += 1) expect((await post(hook.url, '{}', bad)).status).toBe(401);
  const refused = await post(hook.url, '{}', bad);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await post(hook.url, '{}', bad);
  expect(hooks.log.filter(({ event }) => event === 'webhook-refused-too-often')).toHaveLength(1);
  expect((await post(hook.url, '{}')).status).toBe(202);
});

test('a flood of one webhook is answered 429, and the others take what comes', async () => {
  const other = await hooks.open(GITHUB, 'other');
  const send = (url: string, count: number) => post(url, '{}', { delivery: `d-${count}` });
  for (let count = 0; count < 5; count += 1) expect((await send(hook.url, count)).status).toBe(202);
  const refused = await send(hook.url, 5);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await send(other.url, 5)).status).toBe(202);
  expect(hook.told.events).toHaveLength(5);
});

test.each([
  ['a webhook that nobody has', '/hooks/other', 404],
  ['what every object inherits', '/hooks/__proto__', 404],
  ['a constructor', '/hooks/constructor', 404],
  ['percent signs that mean nothing', '/hooks/%E0%A4%A', 404],
  ['a longer path', '/hooks/hook/more', 404],
  ['a path through folders', '/hooks/%2e%2e%2fhook', 404],
  ['the root', '/', 404],
])('%s is not found', async (_what, path, status) => {
  expect((await post(new URL(path, hook.url).href, '{}')).status).toBe(status);
});

test('another method is answered 405 with the one that there is', async () => {
  const response = await fetch(hook.url);
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

test.each([
  ['plain text', { 'Content-Type': 'text/plain' }],
  ['a file', { 'Content-Type': 'multipart/form-data; boundary=x' }],
  ['a compressed body', { 'Content-Encoding': 'gzip' }],
])('%s is answered 415', async (_what, headers) => {
  expect((await post(hook.url, '{}', { headers })).status).toBe(415);
});

describe('bodies', () => {
  test.each([
    ['no JSON', '{"a":'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['a nesting that would overflow a stack', `${'['.repeat(900)}${']'.repeat(900)}`],
  ])('%s, signed, is answered 400 and starts nothing', async (_what, body) => {
    const response = await post(hook.url, body);
    expect(response.status).toBe(400);
    expect(hook.told.deliveries).toEqual([]);
  });

  test('one that says that it is too large is refused before it is sent', async () => {
    using raw = await rawConnection(hook.url);
    raw.write(head({ 'Content-Length': 2_049 }));
    expect(await raw.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('one in parts that becomes too large is refused, and its sender reads why', async () => {
    using raw = await rawConnection(hook.url);
    raw.write(head({ 'Transfer-Encoding': 'chunked' }));
    for (let count = 0; count < 5; count += 1) raw.write(`200\r\n${'x'.repeat(0x2_00)}\r\n`);
    expect(await raw.until('limit of 2048 bytes')).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('one whose sender goes away leaves nothing behind', async () => {
    {
      using raw = await rawConnection(hook.url);
      raw.write(`${head({ 'Content-Length': 100 })}{"a":`);
    }
    expect((await post(hook.url, '{}')).status).toBe(202);
    expect(hook.told.deliveries).toHaveLength(1);
  });
});

test('names that objects inherit are only names in a body, a query and a form', async () => {
  const body = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}';
  expect((await post(`${hook.url}?__proto__=1`, body)).status).toBe(202);
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  expect((await post(hook.url, '__proto__=1', { headers, delivery: 'd-2' })).status).toBe(202);
  expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  const [first, second] = hook.told.events.map(({ data }) => data);
  expect(Object.keys(first?.['body'] ?? {})).toEqual(['__proto__', 'constructor']);
  expect(Object.keys(first?.['query'] ?? {})).toEqual(['__proto__']);
  expect(Object.keys(second?.['body'] ?? {})).toEqual(['__proto__']);
});

test('what could not be written down is answered 503, and is taken when it is sent again', async () => {
  hook.told.isFull = true;
  const refused = await post(hook.url, '{}');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('30');
  expect(await refused.text()).not.toContain('disk');
  expect(hooks.log.at(-1)).toMatchObject({ event: 'webhook-not-written', fields: { code: 'store-full' } });
  hook.told.isFull = false;
  expect((await post(hook.url, '{}')).status).toBe(202);
});

test('where as many events wait as may, the sender is told to come again, and nothing is lost', async () => {
  hook.told.isQueueFull = true;
  const refused = await post(hook.url, '{}');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  hook.told.isQueueFull = false;
  expect((await post(hook.url, '{}')).status).toBe(202);
});

test('a webhook that is closed takes nothing, and what is under way is finished before', async () => {
  const holding = Promise.withResolvers<void>();
  hook.told.hold = holding.promise;
  const other = await hooks.open(GITHUB, 'other');
  const answer = post(hook.url, '{}');
  await expect.poll(() => hook.told.deliveries.length).toBe(1);
  const closing = hook.source[Symbol.asyncDispose]();
  expect((await post(hook.url, '{}', { delivery: 'd-2' })).status).toBe(404);
  holding.resolve();
  await closing;
  expect((await answer).status).toBe(202);
  expect(hook.told.deliveries).toHaveLength(1);
  expect((await post(other.url, '{}')).status).toBe(202);
});

function head(headers: Readonly<Record<string, string | number>>): string {
  const all = { Host: '127.0.0.1', 'Content-Type': 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return ['POST /hooks/hook HTTP/1.1', ...lines, '', ''].join('\r\n');
}
