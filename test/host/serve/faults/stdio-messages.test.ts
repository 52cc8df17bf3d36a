/** What a client sends that it should not, over stdio: it is told, and goes on. Another client of the same home works meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import {
  gatewayWorld,
  initialize,
  modern,
  openWire,
  type WireClient,
  type World,
} from '../../../fixtures/gateway.ts';
import { fixtureEntry } from '../../../fixtures/live-host.ts';
import { peakMemoryMb } from '../../../fixtures/memory.ts';

let world: World;
let wire: WireClient;
let other: WireClient;

beforeAll(async () => {
  world = await gatewayWorld({ mcpServers: { all: fixtureEntry() } });
  wire = openWire(world);
  other = openWire(world);
  for (const client of [wire, other]) {
    await initialize(client);
    await client.ask('list', 'tools/list');
    await adds(client);
  }
});

afterAll(async () => {
  await wire[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

let calls = 0;

async function adds(client: WireClient): Promise<void> {
  const answer = await client.ask(`add-${++calls}`, 'tools/call', {
    name: 'all__add',
    arguments: { a: 1, b: 2 },
  });
  expect(answer).toMatchObject({ result: { structuredContent: { sum: 3 } } });
}

const call = (id: string, params: string): string =>
  `{"jsonrpc":"2.0","id":"${id}","method":"tools/call","params":${params}}`;

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const KEYS = JSON.stringify(Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`key${at}`, at])));

const DEEP = 'nested deeper than 256';

const refused = async (line: string, id: string | null): Promise<unknown> => {
  wire.send(line);
  return (await wire.take((message) => message['id'] === id && 'error' in message))['error'];
};

const LINES: readonly (readonly [string, () => string, string | null, number, string])[] = [
  ['a line of brackets', () => nested(200_000), null, -32600, DEEP],
  [
    'arguments without a floor',
    () => call('deep', `{"name":"all__add","arguments":{"a":${nested(200_000)}}}`),
    'deep',
    -32600,
    DEEP,
  ],
  [
    'metadata without a floor',
    () => call('meta', `{"name":"all__add","_meta":{"a":${nested(50_000)}}}`),
    'meta',
    -32600,
    DEEP,
  ],
  [
    'an id without a floor',
    () => `{"jsonrpc":"2.0","id":${nested(50_000)},"method":"ping"}`,
    null,
    -32600,
    DEEP,
  ],
  [
    'objects without a floor',
    () => call('objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
    'objects',
    -32600,
    DEEP,
  ],
  [
    'more keys than anybody means',
    () => call('keys', `{"name":"all__add","arguments":${KEYS}}`),
    'keys',
    -32600,
    'more than 250000',
  ],
  ['an empty batch', () => '[]', null, -32600, 'from 1 to 100'],
  [
    'a batch of many',
    () => `[${Array(40_000).fill('{"jsonrpc":"2.0","id":1,"method":"ping"}').join(',')}]`,
    null,
    -32600,
    'this one 40000',
  ],
  [
    'a batch in a batch',
    () => '[[{"jsonrpc":"2.0","id":1,"method":"ping"}]]',
    null,
    -32600,
    'no JSON-RPC 2.0 message',
  ],
  [
    'an id that is null',
    () => '{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
    null,
    -32600,
    'a text or a number',
  ],
  [
    'an id that is an object',
    () => '{"jsonrpc":"2.0","id":{},"method":"tools/list"}',
    null,
    -32600,
    'a text or a number',
  ],
  [
    'a name of a tool as long as a book',
    () => call('tool', `{"name":"${'m'.repeat(1_000_000)}"}`),
    'tool',
    -32602,
    'There is no tool "mmm',
  ],
  [
    'a method as long as a book',
    () => `{"jsonrpc":"2.0","id":"method","method":"${'m'.repeat(1_000_000)}"}`,
    'method',
    -32601,
    'Method not found: mmm',
  ],
  [
    'a message over the limit',
    () => call('long', `{"name":"all__add","arguments":{"a":"${'x'.repeat(100_000_000)}"}}`),
    'long',
    -32600,
    'over the limit of 67108864 bytes',
  ],
  ['100 MB that are no message', () => 'x'.repeat(100_000_000), null, -32600, 'over the limit'],
];

describe('is told of', () => {
  test.each(LINES)('%s', async (_what, line, id, code, message) => {
    const error = await refused(line(), id);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(JSON.stringify(error).length).toBeLessThan(2_000);
    await adds(wire);
    await adds(other);
  });
});

test('a line that comes in pieces is one line, and blank ones are none', async () => {
  const before = wire.lines.length;
  const line = call('pieces', '{"name":"all__add","arguments":{"a":1,"b":2}}');
  for (const piece of [line.slice(0, 10), line.slice(10, 40), `${line.slice(40)}\r\n\n \r\n`]) {
    wire.process.stdin?.write(piece);
    await adds(other);
  }
  expect(await wire.take(({ id }) => id === 'pieces')).toMatchObject({
    result: { structuredContent: { sum: 3 } },
  });
  await adds(wire);
  expect(wire.lines.length - before).toBe(2);
});

test('what would change an object of the program is a key like any other', async () => {
  const params =
    '{"__proto__":{"name":"all__fail"},"constructor":1,"name":"all__add","arguments":{"__proto__":{"a":5},"a":1,"b":2}}';
  wire.send(call('proto', params));
  expect(await wire.take(({ id }) => id === 'proto')).toMatchObject({
    result: { content: expect.any(Array) },
  });
  await adds(wire);
});

test('a request that claims to be of both eras is of the one whose revision it carries', async () => {
  const handshake = modern({ protocolVersion: '2025-11-25', capabilities: {} });
  expect(await wire.ask('both', 'initialize', handshake)).toMatchObject({ error: { code: -32601 } });
  const old = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2025-11-25' } };
  expect(await wire.ask('old', 'tools/list', old)).toMatchObject({
    error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2025-11-25' } },
  });
  for (const revision of [7, null, [], {}]) {
    const params: JsonObject = { _meta: { 'io.modelcontextprotocol/protocolVersion': revision } };
    expect(await wire.ask(`odd-${JSON.stringify(revision)}`, 'tools/list', params)).toMatchObject({
      error: { code: -32602 },
    });
  }
  await adds(wire);
});

test('answers to questions that nobody asked change nothing', async () => {
  for (const id of ['switchyard-1', 'switchyard-999', 7])
    wire.send({ jsonrpc: '2.0', id, result: { action: 'accept', content: {} } });
  wire.send({ jsonrpc: '2.0', id: 'switchyard-1', error: { code: 1, message: 'no' } });
  wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'never' } });
  wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled' });
  await adds(wire);
});

test.skipIf(process.platform !== 'linux')('all that was said took little memory', () => {
  expect(peakMemoryMb(wire.process.pid)).toBeLessThan(600);
  expect(peakMemoryMb(other.process.pid)).toBeLessThan(300);
});
