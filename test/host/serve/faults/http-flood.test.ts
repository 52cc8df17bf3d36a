/** Clients that open more than they use, and ask for more than they read, over HTTP: memory is bounded, and others work on. */
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { switchyard } from '../../../fixtures/command-line.ts';
import { gatewayWorld, modern, type World } from '../../../fixtures/gateway.ts';
import { connectHttp, type HttpGateway, openHttp, openSession } from '../../../fixtures/http-gateway.ts';
import { fixtureEntry } from '../../../fixtures/live-host.ts';
import { peakMemoryMb } from '../../../fixtures/memory.ts';
import { processesWith } from '../../../fixtures/processes.ts';
import { postHead, rawConnection } from '../../../fixtures/raw-http.ts';

const MARK = `--flood-${process.pid}`;

let world: World;
let gateway: HttpGateway;
let flooder: Record<string, string>;
let other: string;

beforeEach(async () => {
  const many = join(import.meta.dirname, '../../../fixtures/mcp/many-tools.ts');
  const all = fixtureEntry();
  world = await gatewayWorld({
    serve: { http: { maxSessions: 50, requestsPerMinute: 1_000_000 } },
    mcpServers: {
      all: { ...all, args: [...(all['args'] as string[]), MARK] },
      many: { command: process.execPath, args: [many, '1000'] },
    },
  });
  const tokenOf = async (name: string): Promise<string> =>
    (await switchyard(['tokens', 'add', name], { cwd: world.work, home: world.home })).stdout.trim();
  flooder = { Authorization: `Bearer ${await tokenOf('flooder')}` };
  other = await tokenOf('other');
  gateway = await openHttp(world);
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

const memoryMb = (): number => (process.platform === 'linux' ? peakMemoryMb(gateway.process.pid) : 0);

async function inTurns(count: number, atOnce: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

test('a flood of sessions ends those of who floods, and takes neither memory nor processes', async () => {
  const ofOther = { Authorization: `Bearer ${other}` };
  const quiet = await openSession(gateway, { headers: ofOther });
  await using busy = await connectHttp(gateway, 'legacy', { token: other });
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
  const before = memoryMb();
  await sessions(1_000);
  expect(memoryMb() - before).toBeLessThan(150);
  expect((await first.ask(1, 'ping')).status).toBe(404);
  expect(await (await quiet.ask(1, 'ping')).json()).toMatchObject({ result: {} });
  expect(await busy.client.callTool(call)).toMatchObject({ structuredContent: { sum: 3 } });
  expect(await processesWith('everything.ts', MARK)).toHaveLength(1);
});

test('a client that asks for gigabytes and reads nothing costs a part of one, and others work on', async () => {
  await using working = await connectHttp(gateway, 'modern', { token: other });
  const { client } = working;
  await expect
    .poll(async () => (await client.listTools()).tools.length, { timeout: 30_000 })
    .toBeGreaterThan(900);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: modern() });
  const request = `${postHead({
    ...flooder,
    Accept: 'application/json, text/event-stream',
    'MCP-Protocol-Version': '2026-07-28',
    'Mcp-Method': 'tools/list',
    'Content-Length': Buffer.byteLength(body),
  })}${body}`;
  const before = memoryMb();
  const idle = await Promise.all(Array.from({ length: 60 }, () => rawConnection(gateway.url)));
  for (const raw of idle) {
    raw.socket.pause();
    raw.write(request.repeat(200));
  }
  for (let round = 0; round < 10; round += 1) {
    const sum = await client.callTool({ name: 'all__add', arguments: { a: round, b: 2 } });
    expect(sum).toMatchObject({ structuredContent: { sum: round + 2 } });
  }
  // What was asked for is five gigabytes.
  expect(memoryMb() - before).toBeLessThan(1_200);
  for (const raw of idle) raw.socket.destroy();
  expect((await client.listTools()).tools.length).toBeGreaterThan(900);
});

test('a client that holds all sessions open makes room for another one', async () => {
  const held = [];
  for (let at = 0; at < 50; at += 1) {
    const session = await openSession(gateway, { headers: flooder });
    held.push({ session, stream: await session.get() });
  }
  await expect(openSession(gateway, { headers: flooder })).rejects.toThrow('503');
  const [first, second] = held;
  const ofOther = { Authorization: `Bearer ${other}` };
  for (let at = 0; at < 2; at += 1) {
    const session = await openSession(gateway, { headers: ofOther });
    expect(await (await session.ask(1, 'ping')).json()).toMatchObject({ result: {} });
    await session.get();
  }
  for (const one of [first, second]) expect((await one?.session.ask(1, 'ping'))?.status).toBe(404);
  // Its stream was ended, too.
  expect(await first?.stream.text()).not.toContain('error');
  expect((await held.at(-1)?.session.ask(1, 'ping'))?.status).toBe(200);
  for (const { stream } of held.slice(2)) await stream.body?.cancel();
});
