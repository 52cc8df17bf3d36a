/** `serve --http` as a process: where it listens, what it says, and how it ends. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { JsonObject } from '../../../../src/json.ts';
import { switchyard } from '../../../fixtures/command-line.ts';
import { processesWith } from '../../../fixtures/processes.ts';
import { gatewayWorld, type World } from '../../../fixtures/gateway.ts';
import {
  eventsOf,
  httpGateway,
  openHttp,
  openSession,
  post,
  postModern,
  type StreamEvent,
} from '../../../fixtures/http-gateway.ts';

function server(fixture: string, ...args: string[]): JsonObject {
  const file = join(import.meta.dirname, `../../../fixtures/mcp/${fixture}.ts`);
  return { command: process.execPath, args: [file, ...args] };
}

function serve(world: World, ...args: string[]) {
  const config = world.args.at(-1) ?? '';
  return switchyard(['serve', ...args, '--config', config], { cwd: world.work, home: world.home });
}

async function lastOf(events: AsyncIterable<StreamEvent>): Promise<StreamEvent | undefined> {
  let last: StreamEvent | undefined;
  for await (const event of events) last = event;
  return last;
}

describe('it says', () => {
  test('where it listens and how a client comes there, in one line on standard error', async () => {
    await using gateway = await httpGateway({ mcpServers: {} });
    expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const lines = gateway.stderr().trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(gateway.url);
  });

  test('which port is in use', async () => {
    await using world = await gatewayWorld({ mcpServers: {} });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    const { code, stdout, stderr } = await serve(world, '--http', '--json', '--port', port);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is in use`);
    await new Promise((resolve) => taken.close(resolve));
  });

  test.each([
    ['that others could come without a token', ['--http', '--host', '0.0.0.0'], /switchyard tokens add/],
    ['which ports there are', ['--http', '--port', '70000'], /65535/],
    ['that it is one of two ways', ['--http', '--stdio'], /serve --stdio, or switchyard serve --http/],
    ['that one of two ways is wanted', [], /serve --stdio, or switchyard serve --http/],
    ['that a port is of one way', ['--stdio', '--port', '4711'], /serve --http/],
  ])('%s, with exit code 2', async (_what, args, message) => {
    await using world = await gatewayWorld({ mcpServers: {} });
    const { code, stdout, stderr } = await serve(world, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('that an address is none of this machine, where tokens would let it listen there', async () => {
    await using world = await gatewayWorld({ mcpServers: {} });
    await switchyard(['tokens', 'add', 'one'], { cwd: world.work, home: world.home });
    const { code, stderr } = await serve(world, '--http', '--host', '192.0.2.1', '--port', '0');
    expect([code, stderr]).toEqual([2, expect.stringContaining('192.0.2.1 is no address of this machine')]);
  });
});

test('with a token it listens for other machines, and lets in who has it', async () => {
  await using world = await gatewayWorld({ mcpServers: {} });
  const added = await switchyard(['tokens', 'add', 'laptop'], { cwd: world.work, home: world.home });
  await using gateway = await openHttp(world, { args: ['--host', '0.0.0.0', '--port', '0'] });
  expect(gateway.stderr()).toContain('"headers":{"Authorization":"Bearer <token>"}');
  const local = { url: gateway.url.replace('0.0.0.0', '127.0.0.1') };
  const without = await post(local, { jsonrpc: '2.0', id: 1, method: 'initialize' });
  expect([without.status, without.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringMatching(/^Bearer/),
  ]);
  const headers = { Authorization: `Bearer ${added.stdout.trim()}` };
  const session = await openSession(local, { headers });
  expect((await session.ask(1, 'ping')).status).toBe(200);
  // A session is of the token that began it.
  const other = await switchyard(['tokens', 'add', 'other'], { cwd: world.work, home: world.home });
  const stolen = await post(
    local,
    { jsonrpc: '2.0', id: 2, method: 'ping' },
    { ...session.headers, Authorization: `Bearer ${other.stdout.trim()}` },
  );
  expect(stolen.status).toBe(404);
});

describe('asked to end', () => {
  /** By which its servers are told from others on the machine. */
  const MARK = randomUUID();
  const ASKING = { mcpServers: { asks: server('asking', '--legacy', MARK), all: server('everything') } };

  test('it finishes what is open, begins nothing, tells its streams, and leaves no process', async () => {
    await using gateway = await httpGateway(ASKING);
    const session = await openSession(gateway, { capabilities: { elicitation: {} } });
    await (await session.ask('list', 'tools/list')).text();
    const standing = eventsOf(await session.get());
    const listening = eventsOf(
      await postModern(
        gateway,
        'subscriptions/listen',
        { notifications: { toolsListChanged: true } },
        { id: 9 },
      ),
    );
    await Promise.all([standing.next(), listening.next()]);
    const call = eventsOf(await session.ask(1, 'tools/call', { name: 'asks__form', arguments: {} }));
    await call.next();
    const { value: question } = await call.next();
    const servers = (): Promise<readonly number[]> => processesWith('fixtures/mcp/asking.ts', MARK);
    expect(await servers()).toHaveLength(1);

    gateway.process.kill('SIGTERM');
    // A stream for what belongs to no request just ends; one of the modern era has an answer.
    expect((await lastOf(standing))?.message?.['result']).toBeUndefined();
    expect(await lastOf(listening)).toMatchObject({ message: { id: 9, result: { resultType: 'complete' } } });
    expect((await fetch(new URL('/readyz', gateway.url))).status).toBe(503);
    expect((await fetch(new URL('/healthz', gateway.url))).status).toBe(200);
    const refused = await session.ask(2, 'ping');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    const answer = { action: 'accept', content: { colour: 'blue' } };
    const answered = await session.post({ jsonrpc: '2.0', id: question?.message?.['id'], result: answer });
    expect(answered.status).toBe(202);
    expect(JSON.stringify(await call.next())).toContain('blue');
    expect(await gateway.exited).toEqual({ code: 143, signal: null });
    expect(await servers()).toEqual([]);
  });

  test('it waits some seconds for a call, and tells the client whose call it leaves', async () => {
    await using gateway = await httpGateway(ASKING);
    const session = await openSession(gateway);
    await (await session.ask('list', 'tools/list')).text();
    const waiting = session.ask(1, 'tools/call', { name: 'all__wait', arguments: {} });
    await (await session.ask(2, 'tools/call', { name: 'all__add', arguments: { a: 1, b: 1 } })).text();
    gateway.process.kill('SIGTERM');
    const text = await (await waiting).text();
    expect(text).toContain('"id":1');
    expect(text).toContain('The server ends.');
    await gateway.exited;
  });

  test('twice, it ends at once', async () => {
    await using gateway = await httpGateway(ASKING);
    const session = await openSession(gateway);
    await (await session.ask('list', 'tools/list')).text();
    const gone = session
      .ask(1, 'tools/call', { name: 'all__wait', arguments: {} })
      .then((response) => response.text())
      .catch(() => 'gone');
    await (await session.ask(2, 'tools/call', { name: 'all__add', arguments: { a: 1, b: 1 } })).text();
    gateway.process.kill('SIGTERM');
    await expect.poll(async () => (await fetch(new URL('/readyz', gateway.url))).status).toBe(503);
    gateway.process.kill('SIGTERM');
    expect(await gateway.exited).toEqual({ code: 130, signal: null });
    await gone;
  });
});
