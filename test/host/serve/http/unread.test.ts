/** What becomes of connections when too much is unread: real ones, of clients that read and that do not. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ClientResponse } from '../../../../src/host/serve/http/client-response.ts';
import { Unread } from '../../../../src/host/serve/http/unread.ts';
import { postHead, type RawConnection, rawConnection } from '../../../fixtures/raw-http.ts';

const MEBIBYTE = 1_024 * 1_024;

let server: Server;
let url: string;
let clients: RawConnection[];
let open: Set<ClientResponse>;
let cutOff: number[];
let unread: Unread;

beforeEach(async () => {
  clients = [];
  open = new Set();
  cutOff = [];
  unread = new Unread(open, (bytes) => cutOff.push(bytes), 64 * MEBIBYTE);
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
});

afterEach(async () => {
  for (const client of clients) client[Symbol.dispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** One that reads nothing for now, and so many responses to it. */
async function idleClient(requests = 1): Promise<readonly ClientResponse[]> {
  const client = await rawConnection(url);
  clients.push(client);
  client.socket.pause();
  const responses: ClientResponse[] = [];
  const all = Promise.withResolvers<void>();
  const onRequest = (_: unknown, response: ServerResponse): void => {
    const told: ClientResponse = new ClientResponse(response, {
      onUnread: (bytes) => unread.note(bytes),
      onClosed: () => open.delete(told),
    });
    open.add(told);
    if (responses.push(told) === requests) all.resolve();
  };
  server.on('request', onRequest);
  client.write(postHead({ 'Content-Length': 0 }).repeat(requests));
  await all.promise;
  server.off('request', onRequest);
  return responses;
}

test('the connection on which most is unread goes, also where that is of many answers', async () => {
  const [few] = await idleClient();
  const many = await idleClient(8);
  few?.json(200, 'x'.repeat(20 * MEBIBYTE));
  for (const response of many.slice(0, 3)) response.json(200, 'x'.repeat(8 * MEBIBYTE));
  unread.enforce();
  expect(cutOff).toEqual([]);
  for (const response of many.slice(3)) response.json(200, 'x'.repeat(8 * MEBIBYTE));
  await expect.poll(() => open.size).toBe(1);
  expect(cutOff).toHaveLength(1);
  expect(cutOff[0]).toBeGreaterThan(32 * MEBIBYTE);
  // The other one reads at last, and has all of it.
  clients[0]?.socket.resume();
  await expect.poll(() => open.size).toBe(0);
  expect(few?.unreadBytes).toBe(0);
  await expect.poll(() => clients[0]?.socket.bytesRead).toBeGreaterThan(20 * MEBIBYTE);
});
