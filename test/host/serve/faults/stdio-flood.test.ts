/** A client that asks for more than it waits for, over stdio: memory is bounded, and what is too much is told. */
import { afterEach, expect, test } from 'vitest';

import {
  gatewayWorld,
  initialize,
  openWire,
  type WireClient,
  type World,
} from '../../../fixtures/gateway.ts';
import { fixtureEntry } from '../../../fixtures/live-host.ts';
import { peakMemoryMb } from '../../../fixtures/memory.ts';

let world: World | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function connected(): Promise<WireClient> {
  world ??= await gatewayWorld({ mcpServers: { all: fixtureEntry() } });
  const wire = openWire(world);
  await initialize(wire);
  await wire.ask('list', 'tools/list');
  await adds(wire, 'first');
  return wire;
}

async function adds(wire: WireClient, id: string): Promise<void> {
  const answer = await wire.ask(id, 'tools/call', { name: 'all__add', arguments: { a: 1, b: 2 } });
  expect(answer).toMatchObject({ result: { structuredContent: { sum: 3 } } });
}

test('more than 1,000 open calls are refused one by one, and go again when others are over', async () => {
  await using wire = await connected();
  await using other = await connected();
  const wait = { name: 'all__wait', arguments: {} };
  for (let id = 0; id < 5_000; id += 1) wire.send({ jsonrpc: '2.0', id, method: 'tools/call', params: wait });
  for (let id = 1_000; id < 5_000; id += 1) {
    const refused = await wire.take((message) => message['id'] === id);
    expect(refused).toMatchObject({ error: { code: -32_011, message: expect.stringContaining('1000') } });
  }
  await adds(other, 'meanwhile');
  expect(await wire.ask('more', 'ping')).toMatchObject({ error: { code: -32_011 } });
  for (let id = 0; id < 1_000; id += 1)
    wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
  await expect.poll(async () => (await wire.ask('again', 'ping'))['result'], { timeout: 30_000 }).toEqual({});
  await adds(wire, 'after');
  if (process.platform === 'linux') expect(peakMemoryMb(wire.process.pid)).toBeLessThan(600);
});

test('where a client does not read, no more is read of it, and 30,000 requests are answered when it does', async () => {
  await using wire = await connected();
  const before = wire.lines.length;
  wire.process.stdout?.pause();
  const ids = Array.from({ length: 30_000 }, (_, id) => id);
  for (const id of ids) wire.send({ jsonrpc: '2.0', id, method: id % 10 === 0 ? 'ping' : 'tools/list' });
  // It reads no more of us than fits its pipes.
  await expect.poll(() => wire.process.stdin?.writableLength).toBeGreaterThan(100_000);
  expect(wire.lines.length - before).toBeLessThan(30_000);
  wire.process.stdout?.resume();
  for (const id of ids) expect(await wire.take((message) => message['id'] === id)).toHaveProperty('result');
  await adds(wire, 'after');
  if (process.platform === 'linux') expect(peakMemoryMb(wire.process.pid)).toBeLessThan(400);
});
