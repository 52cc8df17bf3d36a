/** A config that has its own gateway among its servers. */
import { writeFile } from 'node:fs/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { switchyard } from '../../fixtures/command-line.ts';
import { connectClient, gatewayWorld, type World } from '../../fixtures/gateway.ts';
import { processesWith } from '../../fixtures/processes.ts';

let world: World;
let file: string;

beforeEach(async () => {
  world = await gatewayWorld({});
  file = world.args.at(-1) ?? '';
  const self = { command: process.execPath, args: [...world.args], env: { ...world.env } };
  await writeFile(file, JSON.stringify({ mcpServers: { self } }));
});

afterEach(() => world[Symbol.asyncDispose]());

test('it starts itself a few times and no more, and all end with the first', async () => {
  {
    await using connected = await connectClient(world, 'legacy');
    const names = async (): Promise<readonly string[]> =>
      (await connected.client.listTools()).tools.map(({ name }) => name);
    await expect.poll(names, { timeout: 30_000 }).toContain('self__switchyard__ask');
    await expect.poll(() => processesWith('serve', file), { timeout: 30_000 }).toHaveLength(4);
  }
  await expect.poll(() => processesWith('serve', file), { timeout: 30_000 }).toEqual([]);
});

test('one too many says what to remove from the config', async () => {
  const args = ['serve', '--stdio', '--config', file];
  const place = { cwd: world.work, home: world.home };
  const refused = await switchyard(args, { ...place, env: { SWITCHYARD_HOSTS: '4' } });
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('Remove the entry under mcpServers that runs switchyard serve');
});
