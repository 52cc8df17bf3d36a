/** What servers ask their client, through the gateway: clients of both eras before it, servers of both eras behind it. */
import { join } from 'node:path';

import type { Client } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../src/json.ts';
import {
  connectClient,
  gatewayWorld,
  initialize,
  modern,
  openWire,
  type WireClient,
  type World,
} from '../../fixtures/gateway.ts';

const ASKING = join(import.meta.dirname, '../../fixtures/mcp/asking.ts');
const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

let world: World | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function worldBefore(...args: string[]): Promise<World> {
  world = await gatewayWorld({
    mcpServers: { asks: { command: process.execPath, args: [ASKING, ...args] } },
  });
  return world;
}

/** The SDK takes no handler for what the client did not declare. */
function answering(asked: unknown[], { roots = true } = {}): (client: Client) => void {
  return (client) => {
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push([params.mode ?? 'form', params.message]);
      return params.mode === 'url'
        ? { action: 'accept' as const }
        : { action: 'accept' as const, content: { colour: 'green' } };
    });
    client.setRequestHandler('sampling/createMessage', ({ params }) => {
      asked.push(['sampling', params.maxTokens]);
      return {
        role: 'assistant' as const,
        model: 'mine',
        content: { type: 'text' as const, text: 'In short.' },
      };
    });
    if (!roots) return;
    client.setRequestHandler('roots/list', () => {
      asked.push(['roots']);
      return { roots: [{ uri: 'file:///mine', name: 'mine' }] };
    });
  };
}

const SERVERS = [
  ['modern', []],
  ['legacy', ['--legacy']],
] as const;

const SAMPLED = { role: 'assistant', model: 'mine', content: { type: 'text', text: 'In short.' } };

const textOf = (result: unknown): string =>
  (result as { content: { text: string }[] }).content.map(({ text }) => text).join('\n');

describe.each(['modern', 'legacy'] as const)('a %s client', (era) => {
  test.each(SERVERS)('answers what a %s server asks', async (_name, args) => {
    const asked: unknown[] = [];
    const { client, ...connected } = await connectClient(await worldBefore(...args), era, {
      capabilities: CAPABILITIES,
      prepare: answering(asked),
    });
    await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
    await client.listTools();
    const call = async (name: string): Promise<JsonObject> =>
      JSON.parse(textOf(await client.callTool({ name, arguments: {} }))) as JsonObject;
    expect(await call('asks__form')).toMatchObject({
      colour: { action: 'accept', content: { colour: 'green' } },
    });
    expect(await call('asks__url')).toMatchObject({ login: { action: 'accept' } });
    expect(await call('asks__model_and_folders')).toMatchObject({
      summary: { model: 'mine', content: { text: 'In short.' } },
      folders: { roots: [{ uri: 'file:///mine' }] },
    });
    expect(JSON.stringify(await client.getPrompt({ name: 'asks__painted' }))).toContain('green');
    expect(asked).toEqual(
      expect.arrayContaining([
        ['form', 'Which colour?'],
        ['url', 'Log in there.'],
        ['sampling', 50],
        ['roots'],
      ]),
    );
  });

  test('that cannot be asked leaves it to the host, before a server that asks all the same', async () => {
    const { client, ...connected } = await connectClient(await worldBefore('--legacy'), era);
    await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
    await client.listTools();
    const result = await client.callTool({ name: 'asks__form', arguments: {} });
    expect(textOf(result)).toContain('decline');
  });

  test('that cannot be asked is told so by a server of the modern era, which knows what it can be asked', async () => {
    const { client, ...connected } = await connectClient(await worldBefore(), era);
    await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
    await client.listTools();
    await expect(client.callTool({ name: 'asks__form', arguments: {} })).rejects.toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { elicitation: expect.any(Object) } },
    });
  });

  test('is asked what it can answer, and the host the rest', async () => {
    const asked: unknown[] = [];
    const { client, ...connected } = await connectClient(await worldBefore(), era, {
      capabilities: { sampling: {}, elicitation: {} },
      prepare: answering(asked, { roots: false }),
    });
    await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
    await client.listTools();
    const result = await client.callTool({ name: 'asks__model_and_folders', arguments: {} });
    expect(JSON.parse(textOf(result))).toMatchObject({
      summary: { model: 'mine' },
      folders: { roots: [{ uri: expect.stringContaining(world?.work ?? '?') }] },
    });
    expect(asked).toEqual([['sampling', 50]]);
  });
});

describe.each(SERVERS)('in front of a %s server', (_name, args) => {
  const CALL = { name: 'asks__form', arguments: {} };
  const ask = (wire: WireClient, id: number, more: JsonObject = {}, name = 'wire-client') => {
    const params = modern({ ...CALL, ...more }, { elicitation: {} });
    const meta = params['_meta'] as JsonObject;
    const clientInfo = { 'io.modelcontextprotocol/clientInfo': { name, version: '1' } };
    return wire.ask(id, 'tools/call', { ...params, _meta: { ...meta, ...clientInfo } });
  };
  const answersTo = (result: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.keys(result['inputRequests'] as JsonObject).map((key) => [
        key,
        { action: 'accept', content: { colour: 'red' } },
      ]),
    );

  test('a requestState is good once, for its owner, its request, and as it was given', async () => {
    await using wire = openWire(await worldBefore(...args));
    await wire.ask(1, 'tools/list', modern());
    const { result } = (await ask(wire, 2)) as { result: JsonObject };
    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: expect.any(Object),
      requestState: expect.any(String),
    });
    const [only] = Object.values(result['inputRequests'] as JsonObject);
    expect(only).toMatchObject({ method: 'elicitation/create', params: { message: 'Which colour?' } });
    const requestState = result['requestState'] as string;
    const inputResponses = answersTo(result);
    const refused = { error: { code: -32602, message: expect.stringContaining('requestState') } };

    expect(await ask(wire, 3, { requestState: `${requestState}x`, inputResponses })).toMatchObject(refused);
    expect(await ask(wire, 4, { requestState, inputResponses }, 'another')).toMatchObject(refused);
    expect(await ask(wire, 5, { requestState, inputResponses, name: 'asks__url' })).toMatchObject(refused);
    // An answer that is missing is asked for again.
    const again = (await ask(wire, 6, { requestState, inputResponses: {} }))['result'] as JsonObject;
    expect(again).toMatchObject({ resultType: 'input_required', inputRequests: result['inputRequests'] });
    const next = { requestState: again['requestState'] as string, inputResponses };
    expect(textOf((await ask(wire, 7, next))['result'])).toContain('"colour":"red"');
    expect(await ask(wire, 8, next)).toMatchObject(refused);
  });

  test('questions that a server asks at once come at once', async () => {
    await using wire = openWire(await worldBefore(...args));
    await wire.ask(1, 'tools/list', modern());
    const call = { name: 'asks__model_and_folders', arguments: {} };
    const { result } = await wire.ask(2, 'tools/call', modern(call, { sampling: {}, roots: {} }));
    const { inputRequests, requestState } = result as { inputRequests: JsonObject; requestState: string };
    const asked = Object.entries(inputRequests) as [string, { method: string }][];
    expect(asked.map(([, { method }]) => method).sort()).toEqual(['roots/list', 'sampling/createMessage']);
    const inputResponses = Object.fromEntries(
      asked.map(([key, { method }]) => [key, method === 'roots/list' ? { roots: [] } : SAMPLED]),
    );
    const answered = modern({ ...call, requestState, inputResponses }, { sampling: {}, roots: {} });
    expect(textOf((await wire.ask(3, 'tools/call', answered))['result'])).toContain('In short.');
  });

  test('a call for which nobody has a model says that its client should', async () => {
    await using wire = openWire(await worldBefore(...args));
    await wire.ask(1, 'tools/list', modern());
    const call = modern({ name: 'asks__model_and_folders', arguments: {} }, { elicitation: {} });
    expect(await wire.ask(2, 'tools/call', call)).toMatchObject({
      error: { code: -32021, data: { requiredCapabilities: { sampling: {} } } },
    });
  });

  test('a call that is cancelled while its client is asked takes the question back', async () => {
    await using wire = openWire(await worldBefore(...args));
    await initialize(wire, { elicitation: {} });
    await wire.ask(1, 'tools/list');
    wire.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: CALL });
    const question = await wire.take(({ method }) => method === 'elicitation/create');
    wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
    const taken = await wire.take(({ method }) => method === 'notifications/cancelled');
    expect(taken['params']).toMatchObject({ requestId: question['id'] });
  });
});

test('answers that come with the first request are those to what a server asks under their keys', async () => {
  await using wire = openWire(await worldBefore());
  await wire.ask(1, 'tools/list', modern());
  const call = (id: number, inputResponses: JsonObject) =>
    wire.ask(
      id,
      'tools/call',
      modern({ name: 'asks__form', arguments: {}, inputResponses }, { elicitation: {} }),
    );
  const colour = { action: 'accept', content: { colour: 'red' } };
  expect(textOf((await call(2, { colour, another: colour }))['result'])).toContain('"colour":"red"');
  expect(await call(3, { another: colour })).toMatchObject({ result: { resultType: 'input_required' } });
});
