/** Views of tools (extension io.modelcontextprotocol/ui) through the gateway: clients and servers of both eras. */
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

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

const VIEWS = join(import.meta.dirname, '../../fixtures/mcp/views.ts');
const UI = 'io.modelcontextprotocol/ui';
const SHOWS_VIEWS = { extensions: { [UI]: { mimeTypes: ['text/html;profile=mcp-app'] } } };

function server(uri: string, refresh: string, ...args: string[]): JsonObject {
  return { command: process.execPath, args: [VIEWS, '--uri', uri, '--refresh', refresh, ...args] };
}

interface Asking {
  readonly ask: (method: string, params?: JsonObject) => Promise<JsonObject>;
  readonly tools: () => Promise<readonly JsonObject[]>;
}

function asking(wire: WireClient, era: string): Asking {
  let id = 0;
  const ask = async (method: string, params: JsonObject = {}): Promise<JsonObject> => {
    const answer = await wire.ask(++id, method, era === 'modern' ? modern(params, SHOWS_VIEWS) : params);
    return (answer['result'] ?? answer) as JsonObject;
  };
  return { ask, tools: async () => (await ask('tools/list'))['tools'] as readonly JsonObject[] };
}

describe.each(['modern', 'legacy'] as const)('a %s client', (era) => {
  test.each([
    ['modern', ['--modern']],
    ['legacy', []],
  ] as const)('gets the views, icons and metadata of a %s server as they are', async (_name, args) => {
    world = await gatewayWorld({ mcpServers: { chart: server('ui://chart/view', 'refresh', ...args) } });
    await using wire = openWire(world);
    if (era === 'legacy') {
      const begun = (await initialize(wire, SHOWS_VIEWS))['result'] as {
        capabilities: { extensions: JsonObject };
      };
      expect(begun.capabilities.extensions).toEqual({ [UI]: {} });
    }
    const { ask, tools } = asking(wire, era);
    const shown = (await tools()).find(({ name }) => name === 'chart__show');
    expect(shown).toMatchObject({
      icons: [{ src: 'https://example.com/icon.png', mimeType: 'image/png', sizes: ['48x48'] }],
      _meta: {
        ui: { resourceUri: 'ui://chart/view', prefersBorder: true },
        'ui/resourceUri': 'ui://chart/view',
      },
    });
    const read = await ask('resources/read', { uri: 'ui://chart/view' });
    expect(read['contents']).toEqual([
      {
        uri: 'ui://chart/view',
        mimeType: 'text/html;profile=mcp-app',
        text: '<p>refresh</p>',
        _meta: { ui: { csp: { connectDomains: ['https://example.com'] } } },
      },
    ]);
    const called = await ask('tools/call', { name: 'chart__show', arguments: {} });
    expect(called).toMatchObject({ structuredContent: { of: 'ui://chart/view' }, _meta: { viewUUID: 'a' } });
    const [{ text = '' } = {}] = called['content'] as { text?: string }[];
    // A server offers views to whoever says that it shows them.
    expect(JSON.parse(text)).toMatchObject({ clientCapabilities: SHOWS_VIEWS });
  });

  test('gets a URI of its own for each of two views that are called alike', async () => {
    const uri = 'ui://app/main';
    world = await gatewayWorld({
      mcpServers: { one: server(uri, 'reload'), two: server(uri, 'renew', '--modern') },
    });
    await using wire = openWire(world);
    if (era === 'legacy') await initialize(wire);
    const { ask, tools } = asking(wire, era);
    const uris = new Map(
      (await tools()).map(({ name, _meta }) => [
        name,
        ((_meta as JsonObject)?.['ui'] as JsonObject)?.['resourceUri'],
      ]),
    );
    expect(uris.get('one__show')).toBe(uri);
    expect(uris.get('two__show')).toBe(`switchyard://servers/two/${uri}`);
    for (const [name, text] of [
      ['one__show', '<p>reload</p>'],
      ['two__show', '<p>renew</p>'],
    ] as const) {
      const shown = uris.get(name) ?? '';
      const read = await ask('resources/read', { uri: shown });
      expect(read['contents']).toMatchObject([{ uri: shown, text }]);
    }
  });

  test('lets a view call the tools of its server by their own names, where no other has them', async () => {
    world = await gatewayWorld({
      mcpServers: { one: server('ui://one', 'reload'), two: server('ui://two', 'renew') },
    });
    await using wire = openWire(world);
    if (era === 'legacy') await initialize(wire);
    const { ask, tools } = asking(wire, era);
    await tools();
    expect(JSON.stringify(await ask('tools/call', { name: 'renew', arguments: {} }))).toContain('ui://two');
    // Both have this one.
    expect(await ask('tools/call', { name: 'show', arguments: {} })).toMatchObject({
      error: { code: -32602 },
    });
  });
});

test('a rule for a tool holds by whatever name a view calls it', async () => {
  world = await gatewayWorld({
    mcpServers: { one: server('ui://one', 'reload') },
    approvals: [{ tool: 'one__reload', decision: 'deny' }],
  });
  await using wire = openWire(world);
  await initialize(wire);
  const { ask, tools } = asking(wire, 'legacy');
  await tools();
  expect(await ask('tools/call', { name: 'reload', arguments: {} })).toMatchObject({ isError: true });
});
