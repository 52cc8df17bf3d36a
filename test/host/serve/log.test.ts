/** What servers log for their client, through the gateway. */
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import type { JsonObject } from '../../../src/json.ts';
import {
  gatewayWorld,
  initialize,
  modern,
  openWire,
  type WireClient,
  type World,
} from '../../fixtures/gateway.ts';

let world: World | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

const SERVERS = [
  ['modern', []],
  ['legacy', ['--legacy']],
] as const;
const CALL = { name: 'all__log', arguments: {} };

async function openBefore(...args: string[]): Promise<WireClient> {
  const server = join(import.meta.dirname, '../../fixtures/mcp/everything.ts');
  world = await gatewayWorld({
    mcpServers: { all: { command: process.execPath, args: [server, '--logs', ...args] } },
  });
  return openWire(world);
}

function messages({ lines }: WireClient): readonly (JsonObject | undefined)[] {
  return lines
    .map((line) => JSON.parse(line) as JsonObject)
    .filter(({ method }) => method === 'notifications/message')
    .map(({ params }) => params as JsonObject);
}

const WARNING = { level: 'warning', logger: 'store', data: { what: 'careful' } };
const DETAIL = { level: 'debug', logger: 'store', data: 'a detail' };

test.each(SERVERS)('a legacy client gets what is of its level from a %s server', async (_name, args) => {
  await using wire = await openBefore(...args);
  await initialize(wire);
  await wire.ask(1, 'tools/list');
  await wire.ask(2, 'logging/setLevel', { level: 'warning' });
  await wire.ask(3, 'tools/call', CALL);
  await wire.take(({ method }) => method === 'notifications/message');
  expect(messages(wire)).toEqual([WARNING]);
  await wire.ask(4, 'logging/setLevel', { level: 'debug' });
  await wire.ask(5, 'tools/call', CALL);
  await wire.take(({ params }) => (params as JsonObject | undefined)?.['level'] === 'warning');
  expect(messages(wire)).toEqual([WARNING, DETAIL, WARNING]);
  expect((await wire.ask(6, 'logging/setLevel', { level: 'loud' }))['error']).toMatchObject({ code: -32602 });
});

test.each(SERVERS)(
  'a modern client gets messages of a %s server where its request asks for them',
  async (_name, args) => {
    await using wire = await openBefore(...args);
    await wire.ask(1, 'tools/list', modern());
    await wire.ask(2, 'tools/call', modern(CALL));
    const _meta = { 'io.modelcontextprotocol/logLevel': 'warning' };
    await wire.ask(3, 'tools/call', modern({ ...CALL, _meta }));
    expect(messages(wire)).toEqual([WARNING]);
  },
);
