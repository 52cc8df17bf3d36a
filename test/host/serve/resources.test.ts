/** Resources, prompts and completion through the gateway, for clients and in front of servers of both eras. */
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../src/json.ts';
import {
  connectClient,
  gatewayWorld,
  initialize,
  modern,
  openWire,
  type World,
} from '../../fixtures/gateway.ts';

const ODD_WIRE = join(import.meta.dirname, '../../fixtures/mcp/odd-wire.ts');

let world: World | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

function entry(...args: string[]): JsonObject {
  const server = join(import.meta.dirname, '../../fixtures/mcp/everything.ts');
  return { command: process.execPath, args: [server, ...args] };
}

async function worldWith(servers: JsonObject): Promise<World> {
  world = await gatewayWorld({ mcpServers: servers });
  return world;
}

describe.each(['modern', 'legacy'] as const)('for a %s client', (era) => {
  test.each([
    ['modern', []],
    ['legacy', ['--legacy']],
  ] as const)('in front of a %s server', async (_name, args) => {
    const { client, ...connected } = await connectClient(await worldWith({ all: entry(...args) }), era);
    await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
    expect((await client.listResources()).resources).toMatchObject([
      { uri: 'note://one', name: 'note', title: 'A note', mimeType: 'text/plain' },
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'page://{book}/{number}',
      'switchyard://results/{id}',
      'switchyard://runs/{id}',
    ]);
    expect((await client.readResource({ uri: 'note://one' })).contents).toMatchObject([
      { uri: 'note://one', text: 'the first note' },
    ]);
    expect((await client.readResource({ uri: 'page://Emma/7' })).contents).toMatchObject([
      { uri: 'page://Emma/7', text: 'page 7 of Emma' },
    ]);
    // The SDK makes one error, with the later code, of those of both eras.
    await expect(client.readResource({ uri: 'nothing://here' })).rejects.toMatchObject({
      code: -32602,
      data: { uri: 'nothing://here' },
    });

    expect((await client.listPrompts()).prompts).toMatchObject([
      { name: 'all__greet', arguments: [{ name: 'name' }] },
    ]);
    const greeting = await client.getPrompt({ name: 'all__greet', arguments: { name: 'Ada' } });
    expect(greeting.messages).toMatchObject([{ content: { type: 'text', text: 'Greet Ada' } }]);
    await expect(client.getPrompt({ name: 'all__none' })).rejects.toMatchObject({ code: -32602 });
    const completed = await client.complete({
      ref: { type: 'ref/prompt', name: 'all__greet' },
      argument: { name: 'name', value: 'A' },
    });
    expect(completed.completion.values).toEqual(['Ada', 'Alan']);

    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated.push(params.uri);
    });
    if (era === 'legacy') await client.subscribeResource({ uri: 'note://one' });
    else await client.listen({ resourceSubscriptions: ['note://one'] });
    await client.callTool({ name: 'all__touch', arguments: {} });
    await expect.poll(() => updated, { timeout: 20_000 }).toEqual(['note://one']);
  });
});

test('what is watched no longer is told no longer', async () => {
  await using wire = openWire(await worldWith({ all: entry() }));
  await initialize(wire);
  await wire.ask(1, 'tools/list');
  const uri = 'note://one';
  const touch = async (id: number): Promise<void> => {
    await wire.ask(id, 'tools/call', { name: 'all__touch', arguments: {} });
  };
  expect((await wire.ask(2, 'resources/subscribe', { uri }))['result']).toEqual({});
  await touch(3);
  expect((await wire.take(({ method }) => method === 'notifications/resources/updated'))['params']).toEqual({
    uri,
  });
  expect((await wire.ask(4, 'resources/unsubscribe', { uri }))['result']).toEqual({});
  wire.send({
    jsonrpc: '2.0',
    id: 'stream',
    method: 'subscriptions/listen',
    params: modern({ notifications: { resourceSubscriptions: [uri, 'nothing://here'] } }),
  });
  const acknowledged = await wire.take(({ method }) => method === 'notifications/subscriptions/acknowledged');
  const _meta = { 'io.modelcontextprotocol/subscriptionId': 'stream' };
  expect(acknowledged['params']).toEqual({ notifications: { resourceSubscriptions: [uri] }, _meta });
  await touch(5);
  // The stream alone is told.
  expect((await wire.take(({ method }) => method === 'notifications/resources/updated'))['params']).toEqual({
    uri,
    _meta,
  });
  await touch(6);
  expect((await wire.take(({ method }) => method === 'notifications/resources/updated'))['params']).toEqual({
    uri,
    _meta,
  });
});

test('two who watch one resource are told once each', async () => {
  await using wire = openWire(await worldWith({ all: entry() }));
  await initialize(wire);
  await wire.ask(1, 'tools/list');
  const uri = 'note://one';
  await wire.ask(2, 'resources/subscribe', { uri });
  const params = modern({ notifications: { resourceSubscriptions: [uri] } });
  wire.send({ jsonrpc: '2.0', id: 'stream', method: 'subscriptions/listen', params });
  await wire.take(({ method }) => method === 'notifications/subscriptions/acknowledged');
  for (const id of [3, 4]) await wire.ask(id, 'tools/call', { name: 'all__touch', arguments: {} });
  const told = (): string[] => wire.lines.filter((line) => line.includes('notifications/resources/updated'));
  await expect.poll(() => told().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
  await wire.ask(5, 'resources/read', { uri });
  const onStream = told().filter((line) => line.includes('"stream"'));
  expect([told().length, onStream.length]).toEqual([4, 2]);
});

test('a URI that two servers have leads to each of them, from lists, results and links alike', async () => {
  await using wire = openWire(await worldWith({ first: entry('--linked'), second: entry('--linked') }));
  await initialize(wire);
  const { resources } = (await wire.ask(1, 'resources/list'))['result'] as { resources: JsonObject[] };
  const shown = resources.map(({ uri }) => uri);
  expect(shown).toEqual(['note://one', 'switchyard://servers/second/note://one']);
  const read = async (id: number, uri: unknown): Promise<JsonObject | undefined> => {
    const { result } = await wire.ask(id, 'resources/read', { uri: uri as string });
    return (result as { contents: JsonObject[] }).contents[0];
  };
  expect(await read(2, shown[1])).toMatchObject({ uri: shown[1], text: 'the first note' });

  const { result } = await wire.ask(3, 'tools/call', { name: 'second__links', arguments: {} });
  const [listed, embedded] = (result as { content: JsonObject[] }).content;
  expect(listed?.['uri']).toBe(shown[1]);
  expect(embedded?.['resource']).toMatchObject({ uri: shown[1] });
});

test('a link that no list has leads to the server that gave it, with every field', async () => {
  const odd = { command: process.execPath, args: [ODD_WIRE, '--modern'] };
  await using wire = openWire(await worldWith({ odd, all: entry() }));
  await wire.ask(1, 'tools/list', modern());
  const read = (id: number): Promise<JsonObject> =>
    wire.ask(id, 'resources/read', modern({ uri: 'odd://one' }));
  expect(await read(2)).toMatchObject({ error: { code: -32602 } });
  await wire.ask(3, 'tools/call', modern({ name: 'odd__odd' }));
  expect((await read(4))['result']).toMatchObject({
    contents: [{ uri: 'odd://one', text: 'hidden', 'x-kept': 1 }],
    ttlMs: 7,
    cacheScope: 'public',
  });
});

const GREET = { type: 'ref/prompt', name: 'all__greet' };

test.each<[string, JsonObject, JsonObject]>([
  [
    'completion/complete',
    { ref: GREET, argument: { name: 'name', value: 'A' } },
    { completion: { values: ['Ada', 'Alan'] } },
  ],
  [
    'prompts/get',
    { name: 'all__greet', arguments: { name: 'Ada' } },
    { messages: [{ content: { text: 'Greet Ada' } }] },
  ],
  ['resources/read', { uri: 'page://Emma/7' }, { contents: [{ text: 'page 7 of Emma' }] }],
])('%s is answered before anything was ever listed', async (method, params, result) => {
  await using wire = openWire(await worldWith({ all: entry() }));
  expect(await wire.ask(1, method, modern(params))).toMatchObject({ result });
});
