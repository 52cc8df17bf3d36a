/** What a client sends that it should not, over HTTP: it is told, and a client beside it works on. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import { modern } from '../../../fixtures/gateway.ts';
import {
  connectHttp,
  type HttpClient,
  httpGateway,
  type HttpGateway,
  openSession,
  post,
  postModern,
} from '../../../fixtures/http-gateway.ts';
import { fixtureEntry } from '../../../fixtures/live-host.ts';
import { peakMemoryMb } from '../../../fixtures/memory.ts';
import { postHead, rawConnection } from '../../../fixtures/raw-http.ts';

let gateway: HttpGateway;
let others: readonly HttpClient[];

beforeAll(async () => {
  gateway = await httpGateway({ mcpServers: { all: fixtureEntry() } });
  others = [await connectHttp(gateway, 'modern'), await connectHttp(gateway, 'legacy')];
  for (const { client } of others) await client.listTools();
});

/** Whatever happened in a test, nobody else was affected. */
afterEach(async () => {
  for (const { client } of others) {
    const sum = await client.callTool({ name: 'all__add', arguments: { a: 1, b: 2 } });
    expect(sum).toMatchObject({ structuredContent: { sum: 3 } });
  }
});

afterAll(async () => {
  if (process.platform === 'linux') expect(peakMemoryMb(gateway.process.pid)).toBeLessThan(500);
  for (const one of others) await one[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

const BODIES: readonly (readonly [string, () => string | Uint8Array, number, number, string])[] = [
  ['nothing', () => '', 400, -32700, 'no JSON'],
  ['garbage', () => 'GET / HTTP/1.1', 400, -32700, 'no JSON'],
  ['half a message', () => '{"jsonrpc":"2.0","id":1,', 400, -32700, 'no JSON'],
  ['two messages in lines', () => `${ping}\n${ping}`, 400, -32700, 'no JSON'],
  ['what is not UTF-8', () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 400, -32700, 'UTF-8'],
  ['what is compressed', () => Buffer.from('1f8b0800000000000003', 'hex'), 400, -32700, 'no JSON'],
  ['no message', () => '{"id":7,"method":"tools/list"}', 400, -32600, 'no JSON-RPC 2.0 message'],
  ['a text', () => '"hello"', 400, -32600, 'no JSON-RPC 2.0 message'],
  ['arrays without a floor', () => nested(200_000), 400, -32600, 'nested deeper'],
  [
    'arguments without a floor',
    () => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":${nested(200_000)}}}`,
    400,
    -32600,
    'nested deeper',
  ],
  [
    'more objects than anybody means',
    () => `[${Array(300_000).fill('{}').join(',')}]`,
    400,
    -32600,
    'more than 250000',
  ],
  ['an empty batch', () => '[]', 400, -32600, 'from 1 to 100'],
  ['a batch of many', () => `[${Array(40_000).fill(ping).join(',')}]`, 400, -32600, 'this one 40000'],
  ['a batch in a batch', () => `[[${ping}]]`, 400, -32600, 'no JSON-RPC 2.0 message'],
  ['a request without a session', () => ping, 400, -32600, 'Mcp-Session-Id is missing'],
  [
    'a body over the limit',
    () => Buffer.alloc(100_000_000, ' '),
    413,
    -32600,
    'over the limit of 16777216 bytes',
  ],
];

describe('is told of', () => {
  test.each(BODIES)('%s', async (_what, body, status, code, message) => {
    const response = await post(gateway, body());
    expect(response.status).toBe(status);
    const answer = (await response.json()) as JsonObject;
    expect(answer).toMatchObject({
      jsonrpc: '2.0',
      error: { code, message: expect.stringContaining(message) },
    });
    expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  });

  test('a session that there is not', async () => {
    const response = await post(gateway, ping, { 'Mcp-Session-Id': 'f'.repeat(32) });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringContaining('no such session') },
    });
  });

  test('an id that is open already, within its session alone', async () => {
    const [session, beside] = [await openSession(gateway), await openSession(gateway)];
    const leaving = new AbortController();
    const wait = { name: 'all__wait', arguments: {} };
    const open = session.ask('same', 'tools/call', wait, leaving.signal).catch(() => undefined);
    await expect.poll(async () => (await session.ask('same', 'ping')).status).toBe(400);
    const twice = await session.ask('same', 'ping');
    expect(await twice.json()).toMatchObject({
      id: 'same',
      error: { code: -32_600, message: expect.stringContaining('still open') },
    });
    expect((await beside.ask('same', 'ping')).status).toBe(200);
    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'same' } });
    leaving.abort();
    await open;
  });

  test('a method that there is not, in both eras', async () => {
    const response = await postModern(gateway, 'no/such');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: -32_601 } });
    const session = await openSession(gateway);
    expect(await (await session.ask(1, 'no/such')).json()).toMatchObject({ id: 1, error: { code: -32_601 } });
    const long = await session.ask(2, 'm'.repeat(1_000_000));
    expect((await long.text()).length).toBeLessThan(1_000);
    expect((await (await postModern(gateway, 'm'.repeat(10_000))).text()).length).toBeLessThan(2_000);
  });

  test('a revision that there is not, in the header and in the message', async () => {
    const session = await openSession(gateway);
    for (const version of ['1999-01-01', 'x'.repeat(5_000), '2025-11-25, 2026-07-28']) {
      const response = await post(gateway, ping, { ...session.headers, 'MCP-Protocol-Version': version });
      expect(response.status).toBe(400);
      expect((await response.text()).length).toBeLessThan(1_000);
    }
    const future = {
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2099-01-01',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    };
    const asked = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: future };
    const response = await post(gateway, asked, {
      'MCP-Protocol-Version': '2099-01-01',
      'Mcp-Method': 'tools/list',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: -32_022, data: { supported: ['2026-07-28'], requested: '2099-01-01' } },
    });
  });
});

describe('a request that claims to be of both eras', () => {
  const request = (method: string, params: JsonObject): JsonObject => ({
    jsonrpc: '2.0',
    id: 1,
    method,
    params,
  });

  test.each<readonly [string, JsonObject, Readonly<Record<string, string>>, number]>([
    [
      'a modern message under the header of an older revision',
      request('tools/list', modern()),
      { 'MCP-Protocol-Version': '2025-11-25', 'Mcp-Method': 'tools/list' },
      -32_020,
    ],
    [
      'an older message under the header of the modern revision',
      request('tools/list', {}),
      { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' },
      -32_602,
    ],
    [
      'the opening of a session as a modern message',
      request('initialize', modern({ protocolVersion: '2025-11-25' })),
      { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'initialize' },
      -32_601,
    ],
    [
      'a modern message that names another method in its header',
      request('tools/list', modern()),
      { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call' },
      -32_020,
    ],
  ])('%s', async (_what, body, headers, code) => {
    const response = await post(gateway, body, headers);
    expect([400, 404]).toContain(response.status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  test('a modern message in a session is answered as a modern one, and the session stays', async () => {
    const session = await openSession(gateway);
    const { 'MCP-Protocol-Version': _, ...headers } = session.headers;
    const answered = await postModern(gateway, 'tools/list', {}, { headers });
    expect(await answered.json()).toMatchObject({ result: { resultType: 'complete' } });
    expect(await (await session.ask(2, 'ping')).json()).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
  });
});

describe('on the socket', () => {
  test.each([
    ['no HTTP', 'hello, is anybody there?\r\n\r\n'],
    ['a TLS handshake', Buffer.from('1603010200010001fc0303'.padEnd(80, '0'), 'hex')],
    ['a header without a value', 'POST /mcp HTTP/1.1\r\nHost\r\n\r\n'],
    [
      'two lengths',
      'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    ],
    [
      'a length and chunks',
      'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('%s is answered with 400, and the connection ends', async (_what, bytes) => {
    using raw = await rawConnection(gateway.url);
    raw.write(bytes);
    expect(await raw.closed).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each([
    ['a header as long as a book', postHead({ 'X-Long': 'x'.repeat(1_000_000) })],
    [
      'thousands of headers',
      postHead(Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`X-${at}`, 'x']))),
    ],
    ['an address as long as a book', `GET /mcp?${'x'.repeat(1_000_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
  ])('%s is answered with 431, and the connection ends', async (_what, head) => {
    using raw = await rawConnection(gateway.url);
    raw.write(head);
    expect(await raw.closed).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('a body that says nothing of its length is refused at the limit, while it is being sent', async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 200) controller.close();
        else controller.enqueue(Buffer.alloc(1_000_000, ' '));
      },
    });
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
    const init = { method: 'POST', body, headers, duplex: 'half' };
    const response = await fetch(gateway.url, init);
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('over the limit of 16777216 bytes');
  });

  test('half a request is waited for while others come and go, and is forgotten with its connection', async () => {
    const halves = await Promise.all(Array.from({ length: 50 }, () => rawConnection(gateway.url)));
    for (const [at, raw] of halves.entries()) {
      const head = postHead({ 'Content-Length': '1000' });
      raw.write(at % 2 === 0 ? head.slice(0, 40) : `${head}{"jsonrpc":`);
    }
    for (const { client } of others) expect((await client.listTools()).tools).not.toHaveLength(0);
    for (const raw of halves) raw.socket.destroy();
  });
});
