/** What is kept of streams for clients that come back, and what has to go first. Real connections, so that they can break. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ClientResponse } from '../../../../src/host/serve/http/client-response.ts';
import { ReplayStore } from '../../../../src/host/serve/http/replay-store.ts';
import { eventPosition, ReplayableStream } from '../../../../src/host/serve/http/replayable-stream.ts';
import { allEvents } from '../../../fixtures/http-gateway.ts';

let server: Server;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** What a client that comes back after that event is told; the stream is over then. */
async function toldAfter(stream: ReplayableStream, sequence?: number): Promise<readonly unknown[]> {
  const { port } = server.address() as AddressInfo;
  const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>;
  const answered = fetch(`http://127.0.0.1:${port}/`);
  const [, response] = await asked;
  stream.connect(new ClientResponse(response, { onClosed: () => undefined }));
  stream.replay(sequence);
  stream.end();
  return (await allEvents(await answered)).map(({ message }) => message?.['n']);
}

const text = (n: number, size = 0): string => JSON.stringify({ n, padding: 'x'.repeat(size) });

test('who comes back gets what came after the event that it names, and all of it without one', async () => {
  const store = new ReplayStore();
  const [named, unnamed] = [new ReplayableStream('r1', store), new ReplayableStream('r2', store)];
  for (const stream of [named, unnamed]) for (let n = 1; n <= 4; n += 1) stream.send(text(n));
  expect(await toldAfter(named, 2)).toEqual([3, 4]);
  expect(await toldAfter(unnamed)).toEqual([1, 2, 3, 4]);
});

test('of one stream the newest 256 events are kept, and 32 of one that nobody came for', async () => {
  const stream = new ReplayableStream('s1', new ReplayStore());
  for (let n = 1; n <= 100; n += 1) stream.send(text(n));
  expect(await toldAfter(stream)).toEqual(Array.from({ length: 32 }, (_, index) => index + 69));
  for (let n = 101; n <= 400; n += 1) stream.send(text(n));
  const told = await toldAfter(stream, 0);
  expect(told).toHaveLength(256);
  expect([told[0], told.at(-1)]).toEqual([145, 400]);
});

test('of all streams together the oldest events go first when there is no more room', async () => {
  const store = new ReplayStore(10_000);
  const [one, two] = [new ReplayableStream('r1', store), new ReplayableStream('r2', store)];
  for (let n = 1; n <= 4; n += 1) one.send(text(n, 1_000));
  for (let n = 1; n <= 6; n += 1) two.send(text(n, 1_000));
  expect(await toldAfter(one, 0)).toEqual([3, 4]);
  expect(await toldAfter(two, 0)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('what a stream has kept makes room when it is forgotten', async () => {
  const store = new ReplayStore(5_000);
  const [one, two] = [new ReplayableStream('r1', store), new ReplayableStream('r2', store)];
  two.send(text(1, 1_000));
  for (let n = 1; n <= 3; n += 1) one.send(text(n, 1_000));
  one.forget();
  for (let n = 2; n <= 4; n += 1) two.send(text(n, 1_000));
  expect(await toldAfter(two, 0)).toEqual([1, 2, 3, 4]);
});

test('an answer that is larger than all the room is not kept, and its stream has nothing to come back for', () => {
  const stream = new ReplayableStream('r1', new ReplayStore(1_000));
  stream.send(text(1, 5_000));
  stream.end();
  expect(stream.hasMore(0)).toBe(false);
});

test('what nobody was told is said once, and said again when it was', async () => {
  const stream = new ReplayableStream('s1', new ReplayStore());
  for (let times = 0; times < 3; times += 1) for (const n of [1, 2]) stream.send(text(n));
  expect(await toldAfter(stream)).toEqual([1, 2]);
  for (let times = 0; times < 3; times += 1) stream.send(text(1));
  expect(await toldAfter(stream)).toEqual([1]);
});

test.each(['', 'r1', 'r1.', '1.1', 'r1.1.1', 'r1.-1', 'R1.1', 'r1.1\n'])('%j is no id of an event', (id) => {
  expect(eventPosition(id)).toBeUndefined();
  expect(eventPosition('r1.2')).toEqual({ key: 'r1', sequence: 2 });
});
