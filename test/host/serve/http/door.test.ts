/** What is answered before anything is served: hosts and origins, paths and methods, types and sizes. */
import { request as httpRequest } from 'node:http';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { DEFAULT_SERVE } from '../../../../src/config/serve-settings.ts';
import { createRebindingCheck } from '../../../../src/host/serve/http/rebinding.ts';
import type { JsonObject } from '../../../../src/json.ts';
import { httpGateway, type HttpGateway, openSession, post } from '../../../fixtures/http-gateway.ts';
import { postHead, rawConnection } from '../../../fixtures/raw-http.ts';

let gateway: HttpGateway;

beforeAll(async () => {
  gateway = await httpGateway({
    mcpServers: {},
    serve: {
      http: {
        allowedHosts: ['gateway.example.com', 'other.example.com:8080'],
        allowedOrigins: ['https://app.example.com'],
        maxBodyBytes: 2_048,
      },
    },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const at = (path: string): string => new URL(path, gateway.url).href;
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {} },
};

/** fetch does not let a header `Host` be set. */
function statusFor(headers: Readonly<Record<string, string>>, path = '/mcp'): Promise<number | undefined> {
  const method = path === '/mcp' ? 'POST' : 'GET';
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      at(path),
      { method, headers: { 'Content-Type': 'application/json', ...headers } },
      (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      },
    );
    request.once('error', reject);
    request.end(method === 'POST' ? JSON.stringify(INITIALIZE) : undefined);
  });
}

describe('Host and Origin', () => {
  test.each([
    '127.0.0.1',
    'localhost:4711',
    '[::1]:80',
    '127.0.0.2',
    'gateway.example.com',
    'GATEWAY.example.com:443',
    'other.example.com:8080',
  ])('the host %s is served', async (host) => {
    expect(await statusFor({ Host: host })).toBe(200);
  });

  test.each([
    'evil.example.com',
    'evil.example.com:4711',
    'localhost.example.com',
    '127.0.0.1.example.com',
    'gateway.example.com.evil.com',
    'user@localhost',
    'localhost/path',
    '10.0.0.1',
  ])('the host %s is not', async (host) => {
    expect(await statusFor({ Host: host })).toBe(403);
  });

  test.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:6274', 'https://app.example.com'])(
    'pages of %s may come, and may read the answer',
    async (origin) => {
      const response = await post(gateway, INITIALIZE, { Origin: origin });
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id');
      const preflight = await fetch(gateway.url, { method: 'OPTIONS', headers: { Origin: origin } });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
    },
  );

  test.each([
    'https://evil.example.com',
    'http://app.example.com',
    'https://app.example.com.evil.com',
    'http://localhost.evil.com',
    'null',
  ])('pages of %s may not', async (origin) => {
    for (const method of ['POST', 'OPTIONS', 'GET', 'DELETE']) {
      const response = await fetch(gateway.url, { method, headers: { Origin: origin } });
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('whoever asks whether it lives is answered, under any name', async () => {
    for (const path of ['/healthz', '/readyz']) expect(await statusFor({ Host: '10.0.0.1' }, path)).toBe(200);
  });
});

describe('a request that is none of those served', () => {
  test('for another path is 404', async () => {
    const response = await fetch(at('/sse'));
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: -32600 } }]);
  });

  test.each([
    ['/mcp', 'PUT', 'GET, POST, DELETE, OPTIONS'],
    ['/mcp', 'HEAD', 'GET, POST, DELETE, OPTIONS'],
    ['/healthz', 'POST', 'GET, HEAD'],
  ])('to %s by %s is 405', async (path, method, allowed) => {
    const response = await fetch(at(path), { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allowed]);
  });

  test('that takes no such answer is 406', async () => {
    expect((await post(gateway, INITIALIZE, { Accept: 'application/json' })).status).toBe(406);
    expect((await post(gateway, INITIALIZE, { Accept: 'text/html, */*;q=0.1' })).status).toBe(200);
    const { headers } = await openSession(gateway);
    expect((await fetch(gateway.url, { headers: { ...headers, Accept: 'text/html' } })).status).toBe(406);
  });

  test('that is no JSON is 415 by its type and 400 by its body', async () => {
    expect((await post(gateway, INITIALIZE, { 'Content-Type': 'text/plain' })).status).toBe(415);
    const typed = { 'Content-Type': 'Application/JSON; charset=utf-8' };
    expect((await post(gateway, INITIALIZE, typed)).status).toBe(200);
    for (const body of ['', '{"jsonrpc"', new Uint8Array([0x22, 0xff, 0x22])]) {
      const response = await post(gateway, body);
      expect([response.status, await response.json()]).toMatchObject([400, { error: { code: -32700 } }]);
    }
  });
});

test('the address at which a connection came in is a name of this server, another address is none', async () => {
  const settings = { ...DEFAULT_SERVE.http, allowedHosts: [] };
  const meant = createRebindingCheck(() => settings, '0.0.0.0');
  expect(meant({ host: '192.0.2.7:4711' }, '::ffff:192.0.2.7')).toBeUndefined();
  expect(meant({ host: '[2001:db8::7]:4711' }, '2001:db8::7')).toBeUndefined();
  expect(meant({ host: '192.0.2.8:4711' }, '192.0.2.7')).toMatchObject({ status: 403 });
  expect(meant({}, '192.0.2.7')).toMatchObject({ status: 403 });
});

describe('the body of a request', () => {
  const large = JSON.stringify({ ...INITIALIZE, params: { text: 'x'.repeat(3_000) } });

  test('that says that it is over the limit is refused before it is sent', async () => {
    using raw = await rawConnection(gateway.url);
    raw.write(postHead({ 'Content-Length': large.length }));
    expect(await raw.until('maxBodyBytes')).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('that comes to be over the limit is refused, and the connection is good for more', async () => {
    using raw = await rawConnection(gateway.url);
    const size = large.length.toString(16);
    raw.write(`${postHead({ 'Transfer-Encoding': 'chunked' })}${size}\r\n${large}\r\n`);
    const answer = await raw.until('}}');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(JSON.parse(answer.slice(answer.indexOf('{'))) as JsonObject).toMatchObject({
      error: { code: -32600 },
    });
    const small = JSON.stringify(INITIALIZE);
    raw.write(`0\r\n\r\n${postHead({ 'Content-Length': small.length })}${small}`);
    expect(await raw.until('protocolVersion')).toContain('HTTP/1.1 200 ');
  });

  test('that ends in the middle is nobody else’s matter', async () => {
    const raw = await rawConnection(gateway.url);
    raw.write(`${postHead({ 'Content-Length': 500 })}{"jsonrpc": "2.0", "id": 1, "met`);
    raw.socket.end();
    await raw.closed;
    expect((await post(gateway, INITIALIZE)).status).toBe(200);
  });
});
