/** Requests of the revision 2026-07-28, one POST each, as they stand on the wire. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import { modern } from '../../../fixtures/gateway.ts';
import {
  allEvents,
  eventsOf,
  httpGateway,
  type HttpGateway,
  post,
  postModern,
} from '../../../fixtures/http-gateway.ts';

let gateway: HttpGateway;

function server(fixture: string): JsonObject {
  const file = join(import.meta.dirname, `../../../fixtures/mcp/${fixture}.ts`);
  return { command: process.execPath, args: [file] };
}

beforeAll(async () => {
  gateway = await httpGateway({
    mcpServers: { all: server('everything'), mirrored: server('mirrored'), asks: server('asking') },
  });
  // What there is has to be known before a call is made without a list.
  await (await postModern(gateway, 'tools/list')).text();
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const ADD = { name: 'all__add', arguments: { a: 1, b: 2 } };

async function bodyOf(response: Response): Promise<JsonObject> {
  return (await response.json()) as JsonObject;
}

test('a call is answered as JSON, without a session', async () => {
  const response = await postModern(gateway, 'tools/call', ADD, { id: 7 });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('mcp-session-id')).toBeNull();
  expect(await bodyOf(response)).toMatchObject({
    id: 7,
    result: { resultType: 'complete', structuredContent: { sum: 3 } },
  });
});

test('a call that tells its progress is a stream that ends with its answer', async () => {
  const params = { name: 'all__count', arguments: { to: 2 }, _meta: { progressToken: 'here' } };
  const response = await postModern(gateway, 'tools/call', params, { id: 8 });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const events = await allEvents(response);
  expect(events.every(({ id }) => id === undefined)).toBe(true);
  expect(events.map(({ message }) => message)).toMatchObject([
    { method: 'notifications/progress', params: { progressToken: 'here', progress: 1 } },
    { method: 'notifications/progress', params: { progressToken: 'here', progress: 2 } },
    { id: 8, result: { resultType: 'complete' } },
  ]);
});

test('whoever closes the response cancels the call on its server', async () => {
  const controller = new AbortController();
  const params = { name: 'all__wait', arguments: {}, _meta: { progressToken: 1 } };
  const waiting = postModern(gateway, 'tools/call', params, { signal: controller.signal });
  // The server has the call when it answers one that was sent after it.
  await (await postModern(gateway, 'tools/call', ADD)).text();
  controller.abort();
  await expect(waiting).rejects.toThrow();
  const folder = join(gateway.world.home, 'logs');
  const log = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  await expect.poll(log, { timeout: 20_000 }).toContain('wait was cancelled');
});

test('a stream of changes says first what it is for, and ends when it is closed', async () => {
  const notifications = { toolsListChanged: true, somethingElse: true };
  const controller = new AbortController();
  const response = await postModern(
    gateway,
    'subscriptions/listen',
    { notifications },
    { id: 9, signal: controller.signal },
  );
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = eventsOf(response);
  const _meta = { 'io.modelcontextprotocol/subscriptionId': 9 };
  expect((await events.next()).value).toEqual({
    message: {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true }, _meta },
    },
  });
  await (await postModern(gateway, 'tools/call', { name: 'all__grow', arguments: {} })).text();
  expect((await events.next()).value).toMatchObject({
    message: { method: 'notifications/tools/list_changed', params: { _meta } },
  });
  controller.abort();
});

test('what a server asks comes as the result, and its answer with the next POST', async () => {
  const params = { name: 'asks__form', arguments: {} };
  const capabilities = { elicitation: { form: {} } };
  const asked = await bodyOf(await postModern(gateway, 'tools/call', params, { capabilities }));
  const { inputRequests, requestState } = asked['result'] as { [key: string]: JsonObject };
  const [key = ''] = Object.keys(inputRequests ?? {});
  const inputResponses = { [key]: { action: 'accept', content: { colour: 'red' } } };
  const next = { ...params, requestState: requestState ?? '', inputResponses };
  const answered = await postModern(gateway, 'tools/call', next, { id: 2, capabilities });
  expect(JSON.stringify(await bodyOf(answered))).toContain('red');
});

test('a notification is accepted', async () => {
  const response = await post(
    gateway,
    { jsonrpc: '2.0', method: 'notifications/anything', params: modern() },
    { 'MCP-Protocol-Version': '2026-07-28' },
  );
  expect([response.status, await response.text()]).toEqual([202, '']);
});

describe('the headers of a request', () => {
  test.each([
    ['another method', { 'Mcp-Method': 'tools/list' }],
    ['a method in capitals', { 'Mcp-Method': 'TOOLS/CALL' }],
    ['no method', { 'Mcp-Method': undefined }],
    ['another name', { 'Mcp-Name': 'all__fail' }],
    ['no name', { 'Mcp-Name': undefined }],
    ['base64 that is none', { 'Mcp-Name': '=?base64?YWxsX19hZGQ?=' }],
    ['another revision', { 'MCP-Protocol-Version': '2025-11-25' }],
    ['no revision', { 'MCP-Protocol-Version': undefined }],
  ])('with %s are refused', async (_what, headers) => {
    const response = await postModern(gateway, 'tools/call', ADD, { id: 3, headers });
    expect(response.status).toBe(400);
    expect(await bodyOf(response)).toMatchObject({ id: 3, error: { code: -32020 } });
  });

  test.each([
    ['with spaces around them', { 'Mcp-Name': '  all__add  ' }],
    ['in base64', { 'Mcp-Name': `=?base64?${Buffer.from('all__add').toString('base64')}?=` }],
    ['beside a session, which counts for nothing', { 'Mcp-Session-Id': 'of-another-era' }],
  ])('%s are taken', async (_what, headers) => {
    expect((await postModern(gateway, 'tools/call', ADD, { headers })).status).toBe(200);
  });

  const query = (args: JsonObject, headers: Record<string, string>): Promise<Response> =>
    postModern(gateway, 'tools/call', { name: 'mirrored__query', arguments: args }, { headers });

  test.each([
    ['one that is missing', { region: 'north' }, {}],
    ['one that differs', { region: 'north' }, { 'Mcp-Param-Region': 'south' }],
    ['base64 that is none', { region: 'north' }, { 'Mcp-Param-Region': '=?base64?bm9ydGg?=' }],
    ['a nested one that differs', { limits: { rows: 42 } }, { 'Mcp-Param-Rows': '43' }],
  ])('that repeat arguments: %s is refused', async (_what, args, headers) => {
    const response = await query(args, headers as Record<string, string>);
    expect([response.status, (await bodyOf(response))['error']]).toMatchObject([400, { code: -32020 }]);
  });

  test.each([
    [
      'as they are',
      { region: 'north', limits: { rows: 42 } },
      { 'Mcp-Param-Region': 'north', 'Mcp-Param-Rows': '42.0' },
    ],
    ['in base64', { region: 'größer' }, { 'Mcp-Param-Region': '=?base64?Z3LDtsOfZXI=?=' }],
    ['and none where there is no argument', { region: null }, {}],
  ])('that repeat arguments are taken %s', async (_what, args, headers) => {
    expect((await query(args, headers as Record<string, string>)).status).toBe(200);
  });
});

test('a revision that is not spoken here is refused with those that are', async () => {
  const meta = modern()['_meta'] as JsonObject;
  const _meta = { ...meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
  const response = await post(
    gateway,
    { jsonrpc: '2.0', id: 4, method: 'tools/list', params: { _meta } },
    { 'MCP-Protocol-Version': '2099-01-01', 'Mcp-Method': 'tools/list' },
  );
  expect(response.status).toBe(400);
  expect(await bodyOf(response)).toMatchObject({
    id: 4,
    error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2099-01-01' } },
  });
});

test('a revision that the header does not say is a disagreement, whether it is spoken here or not', async () => {
  const meta = modern()['_meta'] as JsonObject;
  const _meta = { ...meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
  const response = await post(
    gateway,
    { jsonrpc: '2.0', id: 6, method: 'tools/list', params: { _meta } },
    { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' },
  );
  expect([response.status, await bodyOf(response)]).toMatchObject([400, { id: 6, error: { code: -32020 } }]);
});

test.each(['ping', 'initialize', 'logging/setLevel', 'resources/subscribe', 'no/such'])(
  'the method %s is not found',
  async (method) => {
    const response = await postModern(gateway, method, {}, { id: 5 });
    expect(response.status).toBe(404);
    expect(await bodyOf(response)).toMatchObject({ id: 5, error: { code: -32601 } });
  },
);

test.each([
  ['without _meta', {}],
  ['without capabilities', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }],
])('a request %s is refused as malformed', async (_what, params) => {
  const response = await post(
    gateway,
    { jsonrpc: '2.0', id: 6, method: 'tools/list', params },
    { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' },
  );
  expect(response.status).toBe(400);
  expect(await bodyOf(response)).toMatchObject({ id: 6, error: { code: -32602 } });
});

test.each([
  ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }]],
  ['an answer', { jsonrpc: '2.0', id: 1, result: {} }],
])('%s is refused', async (_what, body) => {
  const response = await post(gateway, body, { 'MCP-Protocol-Version': '2026-07-28' });
  expect([response.status, await bodyOf(response)]).toMatchObject([400, { error: { code: -32600 } }]);
});
