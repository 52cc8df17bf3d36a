/** What becomes of a client that does not read: real connections, and ticks by hand. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ClientResponse } from '../../../../src/host/serve/http/client-response.ts';
import { postHead, type RawConnection, rawConnection } from '../../../fixtures/raw-http.ts';

let server: Server;
let url: string;
let client: RawConnection;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
});

afterEach(async () => {
  client[Symbol.dispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function responseTo(): Promise<{
  response: ServerResponse;
  closed: Promise<boolean>;
  told: ClientResponse;
}> {
  const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>;
  client = await rawConnection(url);
  client.write(postHead({ 'Content-Length': 0, Connection: 'close' }));
  const [, response] = await asked;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const told = new ClientResponse(response, { preamble: () => 'data: first\n\n', onClosed: resolve });
  return { response, closed: promise, told };
}

const MEBIBYTE = 'x'.repeat(1_024 * 1_024);

test('a client that reads nothing is cut off when some mebibytes wait for it', async () => {
  const { told, closed } = await responseTo();
  client.socket.pause();
  let events = 0;
  // What the machine's own buffers take comes on top.
  while (told.isOpen && events < 64) {
    told.event(MEBIBYTE);
    events += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(events).toBeLessThan(64);
  expect(events).toBeGreaterThan(4);
  expect(await closed).toBe(false);
});

test('a client that stops reading in the middle is cut off after a minute', async () => {
  const { told, closed, response } = await responseTo();
  client.socket.pause();
  told.event(MEBIBYTE.repeat(3));
  told.event(MEBIBYTE.repeat(16));
  expect(told.congested).toBe(true);
  // What the kernel takes is taken at once.
  await new Promise((resolve) => setImmediate(resolve));
  for (let second = 0; second < 55; second += 1) told.tick();
  expect(response.destroyed).toBe(false);
  for (let second = 0; second < 10; second += 1) told.tick();
  expect(await closed).toBe(false);
});

test('what takes its time becomes a stream, on which something is said now and then', async () => {
  const { told, response } = await responseTo();
  told.tick();
  expect(response.headersSent).toBe(false);
  for (let second = 0; second < 20; second += 1) told.tick();
  told.event('{"last":true}', 'a.1');
  told.end();
  const [, body = ''] = (await client.closed.then(String)).split('\r\n\r\n');
  expect(body).toContain('data: first');
  expect(body).toContain(':\n\n');
  expect(body).toContain('id: a.1\ndata: {"last":true}\n\n');
});
