/** Sessions of the 2025 era: how one begins, what it is good for, and when it ends. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import {
  eventsOf,
  httpGateway,
  type HttpGateway,
  openSession,
  post,
} from '../../../fixtures/http-gateway.ts';

const EVERYTHING = {
  command: process.execPath,
  args: [join(import.meta.dirname, '../../../fixtures/mcp/everything.ts')],
};
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

async function refusalOf(response: Response): Promise<unknown> {
  const { id, error } = (await response.json()) as JsonObject;
  return { status: response.status, id, code: (error as JsonObject)['code'] };
}

describe('a session', () => {
  let gateway: HttpGateway;

  beforeAll(async () => {
    gateway = await httpGateway({ mcpServers: { all: EVERYTHING } });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  test('has an id of 128 random bits, and answers until it is deleted', async () => {
    const sessions = [await openSession(gateway), await openSession(gateway)] as const;
    for (const { id } of sessions) expect(id).toMatch(/^[0-9a-f]{32}$/);
    const [first, second] = sessions;
    expect(first.id).not.toBe(second.id);
    expect((await first.ask(1, 'ping')).status).toBe(200);
    const { headers } = first;
    expect((await fetch(gateway.url, { method: 'DELETE', headers })).status).toBe(204);
    expect(await refusalOf(await first.ask(2, 'ping'))).toEqual({ status: 404, id: 2, code: -32600 });
    expect((await first.get()).status).toBe(404);
    expect((await second.ask(3, 'ping')).status).toBe(200);
  });

  test('is wanted for every message but the first', async () => {
    expect(await refusalOf(await post(gateway, LIST))).toEqual({ status: 400, id: 1, code: -32600 });
    const unknown = { 'Mcp-Session-Id': '0'.repeat(32) };
    expect(await refusalOf(await post(gateway, LIST, unknown))).toMatchObject({ status: 404 });
    const accept = { Accept: 'text/event-stream' };
    expect((await fetch(gateway.url, { headers: accept })).status).toBe(400);
    expect((await fetch(gateway.url, { method: 'DELETE' })).status).toBe(400);
  });

  test('takes notifications and answers without one of its own', async () => {
    const session = await openSession(gateway);
    for (const message of [
      { jsonrpc: '2.0', method: 'notifications/roots/list_changed' },
      { jsonrpc: '2.0', id: 'nobody asked', result: {} },
    ]) {
      const response = await session.post(message);
      expect([response.status, await response.text()]).toEqual([202, '']);
    }
  });

  test('is of a revision that is spoken here', async () => {
    const { headers } = await openSession(gateway);
    const asked = (version: string | undefined): Promise<Response> =>
      post(gateway, LIST, { ...headers, 'MCP-Protocol-Version': version });
    expect(await refusalOf(await asked('1999-01-01'))).toMatchObject({ status: 400, id: 1 });
    expect((await asked('2025-06-18')).status).toBe(200);
    expect((await asked(undefined)).status).toBe(200);
  });

  test('begins once', async () => {
    const session = await openSession(gateway);
    const again = await session.ask(5, 'initialize', { protocolVersion: '2025-11-25', capabilities: {} });
    expect(await refusalOf(again)).toEqual({ status: 400, id: 5, code: -32600 });
  });

  test.each([
    ['no message', { id: 1, method: 'ping' }],
    ['no object', 'text'],
    ['an id that is none', { jsonrpc: '2.0', id: null, method: 'ping' }],
    ['an empty batch', []],
  ])('refuses %s', async (_what, message) => {
    const session = await openSession(gateway);
    expect(await refusalOf(await session.post(JSON.stringify(message)))).toMatchObject({
      status: 400,
      code: -32600,
    });
  });

  test('of 2025-03-26 answers a batch on one stream, and one of a later revision refuses it', async () => {
    const batch = [
      LIST,
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { ...LIST, id: 2, method: 'ping' },
    ];
    const early = await openSession(gateway, { protocolVersion: '2025-03-26' });
    const ids: unknown[] = [];
    for await (const { message } of eventsOf(await early.post(batch))) ids.push(message?.['id']);
    expect(new Set(ids)).toEqual(new Set([1, 2]));
    const late = await openSession(gateway);
    expect(await refusalOf(await late.post(batch))).toMatchObject({ status: 400 });
  });

  test('refuses an id that is still open, and takes it when it is answered', async () => {
    const session = await openSession(gateway);
    const call = { name: 'all__wait', arguments: {} };
    await (await session.ask('list', 'tools/list')).text();
    const waiting = session.ask('same', 'tools/call', call);
    const second = (): Promise<Response> => session.ask('same', 'ping');
    expect(await refusalOf(await second())).toEqual({ status: 400, id: 'same', code: -32600 });
    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'same' } });
    expect(await (await waiting).text()).toBe('');
    expect((await second()).status).toBe(200);
  });
});

describe('with room for two sessions', () => {
  const SMALL = { mcpServers: {}, serve: { http: { maxSessions: 2 } } };

  test('a third one ends the one that was not used for the longest time', async () => {
    await using gateway = await httpGateway(SMALL);
    const [first, second] = [await openSession(gateway), await openSession(gateway)];
    expect((await first.ask(1, 'ping')).status).toBe(200);
    const third = await openSession(gateway);
    expect((await second.ask(1, 'ping')).status).toBe(404);
    for (const session of [first, third]) expect((await session.ask(2, 'ping')).status).toBe(200);
  });

  test('a third one is refused where both are in use, until one is not', async () => {
    await using gateway = await httpGateway(SMALL);
    const controller = new AbortController();
    const [first, second] = [await openSession(gateway), await openSession(gateway)];
    const streams = [await first.get({}, controller.signal), await second.get()];
    const refused = await post(gateway, { ...LIST, method: 'initialize' });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await refusalOf(refused)).toEqual({ status: 503, id: 1, code: -32603 });
    controller.abort();
    await expect.poll(async () => (await post(gateway, { ...LIST, method: 'initialize' })).status).toBe(200);
    expect((await first.ask(1, 'ping')).status).toBe(404);
    expect((await second.ask(1, 'ping')).status).toBe(200);
    await streams[1]?.body?.cancel();
  });
});

test('a session that nobody uses ends, and one with an open stream stays', async () => {
  await using gateway = await httpGateway({ mcpServers: {}, serve: { http: { idleMinutes: 0.005 } } });
  const [idle, used] = [await openSession(gateway), await openSession(gateway)];
  const stream = await used.get();
  const folder = join(gateway.world.home, 'logs');
  const log = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  await expect.poll(log, { timeout: 20_000 }).toContain('session-ended');
  expect((await idle.ask(1, 'ping')).status).toBe(404);
  expect((await used.ask(1, 'ping')).status).toBe(200);
  await stream.body?.cancel();
});
