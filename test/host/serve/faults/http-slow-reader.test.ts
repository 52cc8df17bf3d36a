/** Clients that read nothing of what they ask for, over HTTP: memory is bounded, and others work on. */
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type FloodedGateway, floodedGateway } from '../../../fixtures/flooded-gateway.ts';
import { modern } from '../../../fixtures/gateway.ts';
import { connectHttp } from '../../../fixtures/http-gateway.ts';
import { postHead, rawConnection } from '../../../fixtures/raw-http.ts';

const MARK = `--slow-${process.pid}`;

let flooded: FloodedGateway;

beforeEach(async () => {
  flooded = await floodedGateway(MARK);
});

afterEach(async () => {
  await flooded[Symbol.asyncDispose]();
});

test('a client that asks for gigabytes and reads nothing costs a part of one, and others work on', async () => {
  const { gateway, flooder, otherToken } = flooded;
  await using working = await connectHttp(gateway, 'modern', { token: otherToken });
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
  const before = flooded.memoryMb();
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
  expect(flooded.memoryMb() - before).toBeLessThan(1_200);
  for (const raw of idle) raw.socket.destroy();
  expect((await client.listTools()).tools.length).toBeGreaterThan(900);
});
