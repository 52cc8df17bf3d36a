/** Streams of a session: what is said on which, and what a client that lost one is told when it comes back. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import {
  allEvents,
  eventsOf,
  httpGateway,
  type HttpGateway,
  type HttpSession,
  openSession,
  type StreamEvent,
} from '../../../fixtures/http-gateway.ts';

let gateway: HttpGateway;

function server(fixture: string, ...args: string[]): JsonObject {
  const file = join(import.meta.dirname, `../../../fixtures/mcp/${fixture}.ts`);
  return { command: process.execPath, args: [file, ...args] };
}

beforeAll(async () => {
  gateway = await httpGateway({
    mcpServers: { all: server('everything', '--logs'), asks: server('asking', '--legacy') },
  });
  const session = await openSession(gateway);
  await (await session.ask('list', 'tools/list')).text();
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const call = (session: HttpSession, id: number, tool: string, args: JsonObject = {}): Promise<Response> =>
  session.ask(id, 'tools/call', { name: tool, arguments: args });

const count = (to: number): JsonObject => ({
  name: 'all__count',
  arguments: { to },
  _meta: { progressToken: 'p' },
});

async function next(events: AsyncIterator<StreamEvent>): Promise<StreamEvent> {
  const { value, done } = await events.next();
  if (done === true) throw new Error('The stream has ended.');
  return value as StreamEvent;
}

test('a call that tells its progress is a stream: first an event to come back to, last the answer', async () => {
  const session = await openSession(gateway);
  const response = await session.ask(1, 'tools/call', count(2));
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = await allEvents(response);
  expect(events).toMatchObject([
    { id: expect.any(String), retryMs: expect.any(Number) },
    { message: { method: 'notifications/progress', params: { progress: 1 } } },
    { message: { method: 'notifications/progress', params: { progress: 2 } } },
    { message: { id: 1, result: { content: [{ text: 'counted to 2' }] } } },
  ]);
  expect(events[0]?.message).toBeUndefined();
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

test('a client of an earlier revision gets no event without a message', async () => {
  const session = await openSession(gateway, { protocolVersion: '2025-06-18' });
  const events = await allEvents(await session.ask(1, 'tools/call', count(1)));
  expect(events.map(({ message }) => message !== undefined)).toEqual([true, true]);
});

test('who lost a stream comes back to the answer, and the call was not cancelled', async () => {
  const session = await openSession(gateway, { capabilities: { elicitation: {} } });
  const controller = new AbortController();
  const events = eventsOf(
    await session.ask(1, 'tools/call', { name: 'asks__form', arguments: {} }, controller.signal),
  );
  await next(events);
  const question = await next(events);
  expect(question.message).toMatchObject({ method: 'elicitation/create' });
  controller.abort();
  await events.next().catch(() => undefined);
  const answer = { action: 'accept', content: { colour: 'blue' } };
  await session.post({ jsonrpc: '2.0', id: question.message?.['id'], result: answer });

  const rest = await allEvents(await session.get({ 'Last-Event-ID': question.id ?? '' }));
  expect(rest.filter(({ message }) => message !== undefined)).toMatchObject([{ message: { id: 1 } }]);
  expect(JSON.stringify(rest)).toContain('blue');
  // There is nothing after the answer.
  const over = await session.get({ 'Last-Event-ID': rest.at(-1)?.id ?? '' });
  expect([over.status, await over.json()]).toMatchObject([400, { error: { code: -32600 } }]);
});

test('a connection that breaks before anything was said cancels nothing', async () => {
  const session = await openSession(gateway);
  const controller = new AbortController();
  const waiting = session.ask(1, 'tools/call', { name: 'all__wait', arguments: {} }, controller.signal);
  await (await call(session, 2, 'all__add', { a: 1, b: 1 })).text();
  controller.abort();
  await expect(waiting).rejects.toThrow();
  await (await call(session, 3, 'all__add', { a: 1, b: 1 })).text();
  const still = await session.ask(1, 'ping');
  expect(await still.text()).toContain('still open');
  const folder = join(gateway.world.home, 'logs');
  const log = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  expect(log()).not.toContain('wait was cancelled');
  await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await expect.poll(log, { timeout: 20_000 }).toContain('wait was cancelled');
});

test('what belongs to no request waits for a stream, and is told once', async () => {
  const session = await openSession(gateway);
  await (await call(session, 1, 'all__grow')).text();
  const events = eventsOf(await session.get());
  expect((await next(events)).message).toBeUndefined();
  expect(await next(events)).toMatchObject({ message: { method: 'notifications/tools/list_changed' } });
  await events.return();
  // A stream that is opened later has only what comes later.
  const later = eventsOf(await session.get());
  await next(later);
  await (await call(session, 2, 'all__log')).text();
  expect(await next(later)).toMatchObject({ message: { method: 'notifications/message' } });
  await later.return();
});

test('of several streams the newest is told, and when it is gone the one before', async () => {
  const session = await openSession(gateway);
  await (await session.ask(1, 'logging/setLevel', { level: 'warning' })).text();
  const log = async (id: number): Promise<void> => void (await (await call(session, id, 'all__log')).text());
  const older = eventsOf(await session.get());
  await next(older);
  let olderTold = false;
  const onOlder = next(older).then((event) => {
    olderTold = true;
    return event;
  });
  const controller = new AbortController();
  const newer = eventsOf(await session.get({}, controller.signal));
  await next(newer);
  await log(2);
  const MESSAGE = { message: { method: 'notifications/message', params: { level: 'warning' } } };
  expect(await next(newer)).toMatchObject(MESSAGE);
  expect(olderTold).toBe(false);
  controller.abort();
  for (let id = 3; !olderTold; id += 1) await log(id);
  expect(await onOlder).toMatchObject(MESSAGE);
  await older.return();
});

test('who lost the stream of what belongs to no request comes back to what was said since', async () => {
  const session = await openSession(gateway);
  const controller = new AbortController();
  const events = eventsOf(await session.get({}, controller.signal));
  const first = await next(events);
  controller.abort();
  await events.next().catch(() => undefined);
  await (await session.ask(1, 'logging/setLevel', { level: 'debug' })).text();
  await (await call(session, 2, 'all__log')).text();
  const again = eventsOf(await session.get({ 'Last-Event-ID': first.id ?? '' }));
  const levels: unknown[] = [];
  while (levels.length < 2) {
    const { method, params } = (await next(again)).message ?? {};
    if (method === 'notifications/message') levels.push((params as JsonObject)['level']);
  }
  expect(levels).toEqual(['debug', 'warning']);
  await again.return();
});
