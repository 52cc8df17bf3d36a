/** Tools through the gateway: real processes, clients of both eras before it, servers of both eras behind it. */
import { readdirSync, readFileSync } from 'node:fs';
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
import { fixtureEntry } from '../../fixtures/live-host.ts';
import { LIST_TOOL, ODD_RESULT, ODD_TOOL } from '../../fixtures/mcp/odd-wire.ts';

let world: World | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function worldWith(servers: JsonObject, more: JsonObject = {}): Promise<World> {
  world = await gatewayWorld({ mcpServers: servers, ...more });
  return world;
}

function withArguments(fixture: string, ...args: string[]): JsonObject {
  return {
    command: process.execPath,
    args: [join(import.meta.dirname, `../../fixtures/mcp/${fixture}.ts`), ...args],
  };
}

/** A server's standard error stands in the log. */
function logOf({ home }: World): string {
  const folder = join(home, 'logs');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

const text = (result: unknown): string =>
  ((result as { content: { text: string }[] }).content.map(({ text: one }) => one) ?? []).join('\n');

describe.each(['modern', 'legacy'] as const)('for a %s client', (era) => {
  describe.each([
    ['modern', []],
    ['legacy', ['--legacy']],
  ] as const)('in front of a %s server', (_name, args) => {
    test('lists tools, calls them, and passes errors and structured content', async () => {
      const { client, ...connected } = await connectClient(
        await worldWith({ all: withArguments('everything', ...args) }),
        era,
      );
      await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
      expect(client.getProtocolEra()).toBe(era);
      expect(client.getServerVersion()).toMatchObject({ name: 'switchyard' });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain('all__add');
      expect(tools.map(({ name }) => name)).toContain('switchyard__result_read');

      const sum = await client.callTool({ name: 'all__add', arguments: { a: 1, b: 2 } });
      expect(sum).toMatchObject({ structuredContent: { sum: 3 }, content: [{ type: 'text', text: '3' }] });

      const failed = await client.callTool({ name: 'all__fail', arguments: {} });
      expect(failed.isError).toBe(true);
      expect(text(failed)).toBe('The disk is full.');

      const wrong = await client.callTool({ name: 'all__add', arguments: { a: 'one', b: 2 } });
      expect(wrong.isError).toBe(true);
      expect(text(wrong)).toMatch(/do not fit its schema.*a/);
      await expect(client.callTool({ name: 'all__nothing', arguments: {} })).rejects.toMatchObject({
        code: -32602,
        message: expect.stringContaining('all__'),
      });
    });

    test('cancels a call on its server', async () => {
      const { client, ...connected } = await connectClient(
        await worldWith({ all: withArguments('everything', ...args) }),
        era,
      );
      await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
      await client.listTools();
      const controller = new AbortController();
      const waiting = client.callTool({ name: 'all__wait', arguments: {} }, { signal: controller.signal });
      // The server has the call when it answers one that was sent after it.
      await client.callTool({ name: 'all__add', arguments: { a: 1, b: 1 } });
      controller.abort('enough');
      await expect(waiting).rejects.toThrow('enough');
      await expect.poll(() => logOf(world as World), { timeout: 20_000 }).toContain('wait was cancelled');
    });

    test('tells that the list of tools has changed', async () => {
      const changes: string[][] = [];
      const onChanged = (_error: unknown, tools: readonly { name: string }[] | null): void => {
        changes.push((tools ?? []).map(({ name }) => name));
      };
      const { client, ...connected } = await connectClient(
        await worldWith({ all: withArguments('everything', ...args) }),
        era,
        { listChanged: { tools: { onChanged } } },
      );
      await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
      await client.listTools();
      await client.callTool({ name: 'all__grow', arguments: {} });
      await expect.poll(() => changes.at(-1), { timeout: 20_000 }).toContain('all__grown');
      expect(text(await client.callTool({ name: 'all__grown', arguments: {} }))).toBe('grown');
    });
  });
});

describe.each([
  ['modern', ['--modern']],
  ['legacy', []],
] as const)('of a hand-written %s server', (_name, args) => {
  test.each(['modern', 'legacy'] as const)('a %s client gets every field', async (era) => {
    await using wire = openWire(await worldWith({ odd: withArguments('odd-wire', ...args) }));
    if (era === 'legacy') await initialize(wire);
    const params = (value: JsonObject): JsonObject => (era === 'modern' ? modern(value) : value);
    const { tools } = (await wire.ask(1, 'tools/list', params({})))['result'] as { tools: JsonObject[] };
    expect(tools.find(({ name }) => name === 'odd__odd')).toEqual({ ...ODD_TOOL, name: 'odd__odd' });

    const { result } = await wire.ask(2, 'tools/call', params({ name: 'odd__odd', arguments: {} }));
    const serverInfo = { name: 'switchyard', title: 'Switchyard', version: expect.any(String) };
    expect(result).toEqual({
      ...ODD_RESULT,
      ...(era === 'modern' ? { resultType: 'complete' } : {}),
      _meta: {
        'com.example/trace': 'a',
        ...(era === 'modern' ? { 'io.modelcontextprotocol/serverInfo': serverInfo } : {}),
      },
    });

    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x.y/z': [1] };
    const echoed = await wire.ask(
      3,
      'tools/call',
      params({
        name: 'odd__echo_params',
        arguments: { deep: { er: [null] } },
        _meta: { ...trace, progressToken: 'mine' },
      }),
    );
    const sent = JSON.parse(text(echoed['result'])) as { _meta: JsonObject; arguments: JsonObject };
    expect(sent).toMatchObject({ name: 'echo_params', arguments: { deep: { er: [null] } }, _meta: trace });
    expect(sent._meta['progressToken']).not.toBe('mine');
    expect(JSON.stringify(sent._meta)).not.toContain('wire-client');

    const refused = await wire.ask(4, 'tools/call', params({ name: 'odd__refuse', arguments: {} }));
    expect(refused['error']).toMatchObject({
      code: -32050,
      message: expect.stringMatching(/odd.*does not want to/),
      data: { because: 'it is odd' },
    });
  });

  test('structured content that is no object fits the schema that each era has of it', async () => {
    await using wire = openWire(await worldWith({ odd: withArguments('odd-wire', ...args) }));
    await initialize(wire);
    const listOf = async (params?: JsonObject): Promise<JsonObject | undefined> => {
      const { result } = await wire.ask(`list${params ? 'm' : 'l'}`, 'tools/list', params);
      return (result as { tools: JsonObject[] }).tools.find(({ name }) => name === 'odd__list');
    };
    const call = { name: 'odd__list', arguments: {} };
    expect((await listOf(modern()))?.['outputSchema']).toEqual(LIST_TOOL.outputSchema);
    expect((await wire.ask(1, 'tools/call', modern(call)))['result']).toMatchObject({
      structuredContent: [1, 2],
    });
    expect((await listOf())?.['outputSchema']).toMatchObject({
      type: 'object',
      properties: { result: { type: 'array', items: { $ref: '#/properties/result/$defs/item' } } },
    });
    expect((await wire.ask(2, 'tools/call', call))['result']).toMatchObject({
      structuredContent: { result: [1, 2] },
    });
  });
});

test.each([[[]], [['--legacy']]] as const)(
  'all progress comes, in order, before its result',
  async (args) => {
    await using wire = openWire(await worldWith({ all: withArguments('everything', ...args) }));
    await initialize(wire);
    await wire.ask(1, 'tools/list');
    const _meta = { progressToken: 'mine' };
    await wire.ask(2, 'tools/call', { name: 'all__count', arguments: { to: 5 }, _meta });
    const told = wire.lines.map((line) => JSON.parse(line) as JsonObject);
    const seen = told.filter(({ method }) => method === 'notifications/progress').map(({ params }) => params);
    expect(seen).toEqual(
      [1, 2, 3, 4, 5].map((progress) => ({
        progressToken: 'mine',
        progress,
        total: 5,
        message: `step ${progress}`,
      })),
    );
    expect(told.at(-1)).toMatchObject({ id: 2 });
  },
);

test('a text over the limit is cut and kept, structured content passes whole', async () => {
  const { client, ...connected } = await connectClient(
    await worldWith({ all: fixtureEntry() }, { maxResultTokens: 500 }),
    'legacy',
  );
  await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
  await client.listTools();
  const large = text(await client.callTool({ name: 'all__large', arguments: { size: 50_000 } }));
  expect(large.length).toBeLessThan(10_000);
  const uri = /switchyard:\/\/results\/[0-9a-f]{32}/.exec(large)?.[0] ?? '';
  const read = await client.callTool({
    name: 'switchyard__result_read',
    arguments: { uri, unit: 'characters', offset: 49_990 },
  });
  expect(text(read)).toContain('x'.repeat(11));
  expect((await client.readResource({ uri })).contents).toEqual([
    { uri, mimeType: 'text/plain', text: 'x'.repeat(50_000) },
  ]);

  // Another program is another actor.
  const { client: other, ...connectedOther } = await connectClient(world as World, 'legacy', {
    name: 'other',
  });
  await using _closingOther = { [Symbol.asyncDispose]: () => connectedOther[Symbol.asyncDispose]() };
  const stranger = await other.callTool({ name: 'switchyard__result_read', arguments: { uri } });
  expect(stranger.isError).toBe(true);
  expect(text(stranger)).toContain('no stored result');
  await expect(other.readResource({ uri })).rejects.toThrow('no stored result');
});
