/** Calls that a person has to allow, through the gateway. */
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { ClientRequest } from '../../../src/host/serve/client-request.ts';
import { Facade } from '../../../src/host/serve/facade.ts';
import { linesOf } from '../../fixtures/agent-tools.ts';
import { switchyard } from '../../fixtures/command-line.ts';
import { connectClient, gatewayWorld, initialize, openWire, type World } from '../../fixtures/gateway.ts';
import { openTestHost } from '../../fixtures/open-host.ts';
import { type TemporaryFolder, temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { stdioServer } from '../../registry/fixture.ts';

const TOOLS = join(import.meta.dirname, '../../fixtures/mcp/agent-tools.ts');

let world: World;
let ledgers: TemporaryFolder;
let ledger: string;

beforeEach(async () => {
  ledgers = await temporaryFolder('ledger');
  ledger = join(ledgers.path, 'ledger');
  const tools = { command: process.execPath, args: [TOOLS, ledger] };
  world = await gatewayWorld({ approvals: [], mcpServers: { tools } });
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await ledgers[Symbol.asyncDispose]();
});

const order = (thing: string) => ({ name: 'tools__order', arguments: { thing } });

describe.each(['modern', 'legacy'] as const)('the person of a %s client', (era) => {
  test('is asked through it, and what they say is done', async () => {
    const asked: string[] = [];
    const answers = [
      { action: 'accept' as const, content: { decision: 'allow' } },
      { action: 'accept' as const, content: { decision: 'deny' } },
      { action: 'decline' as const },
    ];
    const { client, ...connected } = await connectClient(world, era, {
      capabilities: { elicitation: { form: {} } },
      prepare: (made) =>
        made.setRequestHandler('elicitation/create', ({ params }) => {
          asked.push(params.message);
          return answers[asked.length - 1] ?? { action: 'cancel' as const };
        }),
    });
    await using _closing = { [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
    await client.listTools();
    expect(await client.callTool(order('tea'))).toMatchObject({ content: [{ text: 'ordered tea' }] });
    expect(asked[0]).toMatch(/tools__order[\s\S]*"thing": "tea"/);
    for (const _no of ['deny', 'decline', 'cancel'])
      expect(await client.callTool(order('gold'))).toMatchObject({ isError: true });
    expect(asked).toHaveLength(4);
    expect(linesOf(ledger)).toEqual(['order tea']);
  });
});

test('a client whose person cannot be asked waits for one elsewhere, and is told so', async () => {
  await using wire = openWire(world);
  await initialize(wire);
  await wire.ask(1, 'tools/list');
  const params = { ...order('tea'), _meta: { progressToken: 'p' } };
  wire.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params });
  const waiting = await wire.take(({ method }) => method === 'notifications/progress');
  const id = /approvals approve (\w{8})/.exec(JSON.stringify(waiting))?.[1] ?? '';
  expect(linesOf(ledger)).toEqual([]);
  const approved = await switchyard(['approvals', 'approve', id], { cwd: world.work, home: world.home });
  expect(approved.code).toBe(0);
  expect((await wire.take((message) => message['id'] === 2))['result']).toMatchObject({
    content: [{ text: 'ordered tea' }],
  });
  expect(linesOf(ledger)).toEqual(['order tea']);
});

test('after its wait a call ends with the id, runs by nobody, and once when it is sent again', async () => {
  await using opened = await openTestHost({
    script: () => {
      throw new Error('No model is asked.');
    },
    folder: world.home,
    servers: [stdioServer('tools', 'agent-tools', [ledger])],
    approvals: [],
    onAsk: 'wait',
  });
  using facade = new Facade({
    registry: opened.host.registry,
    open: async () => opened.host,
    approvalWaitMs: 10,
  });
  await opened.host.registry.ready();
  const call = async (thing: string, name = 'one'): Promise<string> => {
    const request: ClientRequest = {
      method: 'tools/call',
      params: order(thing),
      meta: {},
      client: { era: 'legacy', protocolVersion: '2025-11-25', name, capabilities: {} },
      key: { session: 'one' },
      signal: new AbortController().signal,
    };
    return JSON.stringify(await facade.handle(request));
  };
  const id = /approvals approve (\w{8})/.exec(await call('tea'))?.[1] ?? '';
  // Asked again it is the same question, and another client's is another.
  expect(await call('tea')).toContain(id);
  expect(await call('tea', 'two')).not.toContain(id);
  const approved = await switchyard(['approvals', 'approve', id], { cwd: world.work, home: world.home });
  expect(approved.code).toBe(0);
  expect(linesOf(ledger)).toEqual([]);
  expect(await call('gold')).not.toContain('ordered');
  expect(await call('tea', 'two')).not.toContain('ordered');
  expect(await call('tea')).toContain('ordered tea');
  expect(await call('tea')).not.toContain('ordered');
  expect(linesOf(ledger)).toEqual(['order tea']);
});
