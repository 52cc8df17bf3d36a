import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';

import { type HeldRequest, openControl } from '../../bench/chaos/control.ts';
import { IDEMPOTENCY_KEY, readLedger } from '../fixtures/mcp/ledger-entry.ts';
import { answerOf } from '../fixtures/start-server.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { isAlive, until } from '../registry/fixture.ts';

const SERVER = join(import.meta.dirname, '../fixtures/mcp/ledger.ts');

test('writes down what is received, done and answered, in this order', async () => {
  await using folder = await temporaryFolder('ledger');
  const file = join(folder.path, 'ledger');
  const { client } = await startLedger(file);
  expect(await call(client, 'append_line', 'a', 7)).toBe('append_line a 7');
  await client.close();

  const entries = readLedger(file);
  expect(entries.map(({ type, tool, label, value }) => [type, tool, label, value])).toEqual([
    ['received', 'append_line', 'a', 7],
    ['effect', 'append_line', 'a', 7],
    ['answered', 'append_line', 'a', 7],
  ]);
  expect(new Set(entries.map(({ host }) => host))).toEqual(new Set([process.pid]));
});

test('does what carries a key once, also when another server is asked again', async () => {
  await using folder = await temporaryFolder('ledger');
  const file = join(folder.path, 'ledger');
  const first = await startLedger(file);
  const { tools } = await first.client.listTools();
  expect(tools.filter(({ _meta }) => _meta?.[IDEMPOTENCY_KEY] === true).map(({ name }) => name)).toEqual([
    'charge',
  ]);
  await call(first.client, 'charge', 'a', 1, 'key-1');
  await first.client.close();
  const { client } = await startLedger(file);
  expect(await call(client, 'charge', 'a', 2, 'key-1')).toBe('charge a 1');
  await call(client, 'charge', 'a', 3, 'key-2');
  await client.close();

  const done = readLedger(file).filter(({ type }) => type === 'effect' || type === 'repeated');
  expect(done.map(({ type, key, value }) => [type, key, value])).toEqual([
    ['effect', 'key-1', 1],
    ['repeated', 'key-1', 2],
    ['effect', 'key-2', 3],
  ]);
});

test('holds a request at the points that are asked for, and ends with its host', async () => {
  await using folder = await temporaryFolder('ledger');
  const file = join(folder.path, 'ledger');
  const held: HeldRequest[] = [];
  await using control = await openControl(join(folder.path, 'control'), (request) => {
    held.push(request);
    return request.label === 'a';
  });
  const { client, pid } = await startLedger(file, control.socketPath);
  expect(await call(client, 'append_line', 'free', 1)).toBe('append_line free 1');
  const answer = call(client, 'append_line', 'a', 1).catch((error: Error) => error.name);
  await until(() => held.at(-1)?.label === 'a', 'the request is held');
  expect(readLedger(file).map(({ label, type }) => `${label} ${type}`)).toEqual([
    'free received',
    'free effect',
    'free answered',
    'a received',
  ]);
  held.at(-1)?.release();
  await until(() => held.at(-1)?.point === 'effect' && held.at(-1)?.label === 'a', 'its effect is made');
  await client.close();
  await until(() => !isAlive(pid), 'the server has ended');
  expect(await answer).toContain('Error');
  expect(readLedger(file).at(-1)).toMatchObject({ label: 'a', type: 'effect' });
});

async function startLedger(
  file: string,
  ...control: string[]
): Promise<{ readonly client: Client; readonly pid: number }> {
  const transport = new StdioClientTransport({ command: process.execPath, args: [SERVER, file, ...control] });
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(transport);
  return { client, pid: transport.pid ?? Number.NaN };
}

async function call(
  client: Client,
  name: string,
  label: string,
  value: number,
  key?: string,
): Promise<string> {
  const meta = key === undefined ? {} : { _meta: { [IDEMPOTENCY_KEY]: key } };
  return answerOf(await client.callTool({ name, arguments: { label, value }, ...meta })).text;
}
