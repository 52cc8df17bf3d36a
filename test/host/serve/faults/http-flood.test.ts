/** Clients that open more than they use, over HTTP: memory and processes are bounded, and others work on. */
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type FloodedGateway, floodedGateway } from '../../../fixtures/flooded-gateway.ts';
import { connectHttp, openSession } from '../../../fixtures/http-gateway.ts';
import { processesWith } from '../../../fixtures/processes.ts';
import { postHead, rawConnection } from '../../../fixtures/raw-http.ts';

const MARK = `--flood-${process.pid}`;

let flooded: FloodedGateway;

beforeEach(async () => {
  flooded = await floodedGateway(MARK);
});

afterEach(async () => {
  await flooded[Symbol.asyncDispose]();
});

async function inTurns(count: number, atOnce: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

test('a flood of sessions ends those of who floods, and takes neither memory nor processes', async () => {
  const { gateway, flooder, other, otherToken } = flooded;
  const quiet = await openSession(gateway, { headers: other });
  await using busy = await connectHttp(gateway, 'legacy', { token: otherToken });
  const call = { name: 'all__add', arguments: { a: 1, b: 2 } };
  await busy.client.listTools();
  await busy.client.callTool(call);
  const first = await openSession(gateway, { headers: flooder });
  const sessions = async (count: number): Promise<void> =>
    inTurns(count, 20, async (at) => {
      const session = await openSession(gateway, { headers: flooder });
      if (at % 10 === 0) await (await session.ask(1, 'tools/call', call)).text();
    });
  await sessions(300);
  const before = flooded.memoryMb();
  await sessions(1_000);
  expect(flooded.memoryMb() - before).toBeLessThan(150);
  expect((await first.ask(1, 'ping')).status).toBe(404);
  expect(await (await quiet.ask(1, 'ping')).json()).toMatchObject({ result: {} });
  expect(await busy.client.callTool(call)).toMatchObject({ structuredContent: { sum: 3 } });
  expect(await processesWith('everything.ts', MARK)).toHaveLength(1);
});

test('a client that holds all sessions open makes room for another one', async () => {
  const { gateway, flooder, other } = flooded;
  const held = [];
  for (let at = 0; at < 50; at += 1) {
    const session = await openSession(gateway, { headers: flooder });
    held.push({ session, stream: await session.get() });
  }
  await expect(openSession(gateway, { headers: flooder })).rejects.toThrow('503');
  const [first, second] = held;
  for (let at = 0; at < 2; at += 1) {
    const session = await openSession(gateway, { headers: other });
    expect(await (await session.ask(1, 'ping')).json()).toMatchObject({ result: {} });
    await session.get();
  }
  for (const one of [first, second]) expect((await one?.session.ask(1, 'ping'))?.status).toBe(404);
  // Its stream was ended, too.
  expect(await first?.stream.text()).not.toContain('error');
  expect((await held.at(-1)?.session.ask(1, 'ping'))?.status).toBe(200);
  for (const { stream } of held.slice(2)) await stream.body?.cancel();
});

test('connections that say nothing, or a byte at a time, keep nobody out', async () => {
  const { gateway, otherToken } = flooded;
  await using working = await connectHttp(gateway, 'modern', { token: otherToken });
  const { client } = working;
  await client.listTools();
  const before = flooded.memoryMb();
  const silent = await Promise.all(Array.from({ length: 1_000 }, () => rawConnection(gateway.url)));
  const head = postHead({ 'Content-Length': 1_000 });
  for (let at = 0; at < 20; at += 1) {
    for (const raw of silent.slice(0, 500)) raw.write(head[at] ?? '');
    const sum = await client.callTool({ name: 'all__add', arguments: { a: at, b: 2 } });
    expect(sum).toMatchObject({ structuredContent: { sum: at + 2 } });
  }
  if (process.platform === 'linux') expect(flooded.memoryMb() - before).toBeLessThan(150);
  for (const raw of silent) raw.socket.destroy();
});
