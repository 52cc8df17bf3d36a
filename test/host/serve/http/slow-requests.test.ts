/** Clients that send half of a request and wait: a server in this process, whose times are short. */
import { afterEach, beforeEach, expect, test } from 'vitest';

import { DEFAULT_SERVE } from '../../../../src/config/serve-settings.ts';
import { Facade } from '../../../../src/host/serve/facade.ts';
import { type HttpServing, serveHttp } from '../../../../src/host/serve/http/serve-http.ts';
import { openRegistry, type Registry } from '../../../../src/registry/index.ts';
import { openSession } from '../../../fixtures/http-gateway.ts';
import { postHead, rawConnection } from '../../../fixtures/raw-http.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let registry: Registry;
let facade: Facade;
let serving: HttpServing;

beforeEach(async () => {
  folder = await temporaryFolder('slow-requests');
  registry = await openRegistry({
    servers: [],
    homeFolder: folder.path,
    clientInfo: { name: 'test', version: '1' },
    log: () => undefined,
  });
  facade = new Facade({ registry, open: () => Promise.reject(new Error('No call is made.')) });
  serving = await serveHttp({
    facade,
    host: '127.0.0.1',
    port: 0,
    settings: () => DEFAULT_SERVE.http,
    admission: {
      handlers: [(_request, _response, next) => next()],
      principalOf: () => undefined,
      [Symbol.dispose]: () => undefined,
    },
    log: () => undefined,
    headersTimeoutMs: 200,
    requestTimeoutMs: 400,
  });
});

afterEach(async () => {
  await serving.close();
  facade[Symbol.dispose]();
  await registry[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test.each([
  ['a head', 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-'],
  ['a body', `${postHead({ 'Content-Length': 500 })}{"jsonrpc": "2.0", "id": 1, "met`],
])('%s that does not come to its end is answered 408, and the connection closed', async (_what, sent) => {
  using raw = await rawConnection(serving.url);
  raw.write(sent);
  expect(await raw.closed).toMatch(/^HTTP\/1\.1 408 /);
  const session = await openSession(serving);
  expect((await session.ask(1, 'ping')).status).toBe(200);
});

test('a request that is whole may be answered later than that', async () => {
  const session = await openSession(serving);
  const controller = new AbortController();
  const stream = await session.get({}, controller.signal);
  using raw = await rawConnection(serving.url);
  raw.write('POST /mcp HTTP/1.1\r\nHost: ');
  // By then the time for a request is over.
  await raw.closed;
  expect(stream.status).toBe(200);
  await (await session.ask(1, 'ping')).text();
  const reader = stream.body?.getReader();
  const first = await reader?.read();
  expect(new TextDecoder().decode(first?.value)).toMatch(/^id: /);
  controller.abort();
});
