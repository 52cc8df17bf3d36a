/** More tools than one page holds, with names longer than models take. */
import { join } from 'node:path';

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
import { manyTool } from '../../fixtures/mcp/many-tools.ts';

const COUNT = 2_301;

let world: World | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function worldWith(...names: string[]): Promise<World> {
  const server = join(import.meta.dirname, '../../fixtures/mcp/many-tools.ts');
  const entry = { command: process.execPath, args: [server, String(COUNT)] };
  world = await gatewayWorld({ mcpServers: Object.fromEntries(names.map((name) => [name, entry])) });
  return world;
}

/** As soon as the list has so many tools of the server. */
async function pagesOf(wire: WireClient, era: 'modern' | 'legacy', count = COUNT): Promise<JsonObject[][]> {
  if (era === 'legacy') await initialize(wire);
  for (;;) {
    const pages = await allPages(wire, era);
    if (pages.flat().length >= count) return pages;
  }
}

async function allPages(wire: WireClient, era: 'modern' | 'legacy'): Promise<JsonObject[][]> {
  const pages: JsonObject[][] = [];
  for (let cursor: string | undefined; pages.length === 0 || cursor !== undefined; ) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await wire.ask(pages.length, 'tools/list', era === 'modern' ? modern(params) : params);
    const { tools, nextCursor } = answer['result'] as { tools: JsonObject[]; nextCursor?: string };
    pages.push(tools);
    cursor = nextCursor;
  }
  return pages;
}

const nameOf = ({ name }: JsonObject): string => name as string;

describe.each(['modern', 'legacy'] as const)('a %s client', (era) => {
  test('reads all pages, and every definition is whole', async () => {
    await using wire = openWire(await worldWith('reports'));
    const pages = await pagesOf(wire, era);
    expect(pages.map(({ length }) => length)).toEqual([1_000, 1_000, expect.any(Number)]);
    const tools = pages.flat();
    const names = tools.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[A-Za-z0-9_-]{1,47}$/.test(name))).toEqual([]);
    const served = tools.filter((tool) => !nameOf(tool).startsWith('switchyard__'));
    expect(served).toHaveLength(COUNT);
    const byDescription = new Map(served.map((tool) => [tool['description'], tool]));
    for (let index = 0; index < COUNT; index += 1) {
      const own = manyTool(index);
      const shown = byDescription.get(own['description'] as string);
      expect({ ...shown, name: own.name }).toEqual(own);
    }
  });

  test('calls a tool by its cut name, and its SDK finds the output as the schema says', async () => {
    const { client, ...connected } = await connectClient(await worldWith('reports'), era);
    await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
    await expect
      .poll(async () => (await client.listTools()).tools.length, { timeout: 30_000 })
      .toBeGreaterThanOrEqual(COUNT);
    const { tools } = await client.listTools();
    for (const index of [0, 1, 1_999, 2_299]) {
      const own = manyTool(index);
      const { name } = tools.find(({ description }) => description === own['description']) ?? { name: '' };
      expect(await client.callTool({ name, arguments: { year: 2_026 } })).toMatchObject({
        structuredContent: { number: index },
        content: [{ text: own.name }],
      });
    }
  });
});

test('a cut name does not depend on what else there is', async () => {
  const namesIn = async (...servers: string[]): Promise<string[]> => {
    await using one = await worldWith(...servers);
    await using wire = openWire(one);
    const tools = (await pagesOf(wire, 'legacy', servers.length * COUNT)).flat();
    world = undefined;
    return tools.map(nameOf).filter((name) => name.startsWith('reports__'));
  };
  const alone = await namesIn('reports');
  expect(alone).toHaveLength(COUNT);
  expect(await namesIn('archive', 'reports', 'copies')).toEqual(alone);
});
