/** Bare names as a client of the gateway has them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { connectClient, gatewayWorld } from '../../fixtures/gateway.ts';
import { fixtureEntry } from '../../fixtures/live-host.ts';

const two = (more: object) => ({
  mcpServers: {
    all: fixtureEntry(),
    files: { builtin: 'filesystem' },
  },
  approvals: [
    { tool: 'files__write_file', decision: 'deny', reason: 'nothing is written here' },
    { decision: 'allow' },
  ],
  ...more,
});

test.each(['modern', 'legacy'] as const)(
  'a %s client lists and calls tools and prompts by their own names',
  async (era) => {
    await using world = await gatewayWorld(two({ naming: 'bare' }));
    await using connected = await connectClient(world, era);
    const { client } = connected;
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['add', 'write_file', 'switchyard__result_read']));
    expect(names.some((name) => name.startsWith('all__'))).toBe(false);
    expect(client.getInstructions()).toContain('the names that their servers gave them');
    for (const name of ['add', 'all__add'])
      expect(await client.callTool({ name, arguments: { a: 40, b: 7 } })).toMatchObject({
        structuredContent: { sum: 47 },
      });
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['greet']);
    for (const name of ['greet', 'all__greet'])
      expect(JSON.stringify(await client.getPrompt({ name, arguments: { name: 'Ada' } }))).toContain(
        'Greet Ada',
      );
    const denied = await client.callTool({ name: 'write_file', arguments: { path: 'a', content: 'b' } });
    expect(denied).toMatchObject({ isError: true });
    expect(JSON.stringify(denied)).toContain('nothing is written here');
  },
);

test('an edit of the naming tells that the lists have changed', async () => {
  await using world = await gatewayWorld(two({}));
  const tools: string[][] = [];
  const prompts: string[][] = [];
  const onto =
    (lists: string[][]) =>
    (_error: unknown, items: readonly { name: string }[] | null): void => {
      lists.push((items ?? []).map(({ name }) => name));
    };
  await using connected = await connectClient(world, 'legacy', {
    listChanged: { tools: { onChanged: onto(tools) }, prompts: { onChanged: onto(prompts) } },
  });
  const { client } = connected;
  await client.listTools();
  await client.callTool({ name: 'all__add', arguments: { a: 1, b: 2 } });
  await writeFile(join(world.work, 'config.json'), JSON.stringify(two({ naming: 'bare' })));
  await expect.poll(() => tools.at(-1), { timeout: 20_000 }).toContain('add');
  await expect.poll(() => prompts.at(-1), { timeout: 20_000 }).toEqual(['greet']);
});
