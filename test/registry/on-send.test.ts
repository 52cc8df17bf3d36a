import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { HostError } from '../../src/errors.ts';
import { openRegistry } from '../../src/registry/index.ts';
import { Bench, httpServer, stdioServer } from './fixture.ts';

test('each request is announced before the server has it, and each round is a request of its own', async () => {
  await using bench = new Bench();
  const ledger = join(bench.homeFolder, 'ledger');
  const servers = [stdioServer('tools', 'agent-tools', [ledger]), stdioServer('raw', 'modern-raw')];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  const announced: string[] = [];
  const onSend = (): void => {
    announced.push(existsSync(ledger) ? readFileSync(ledger, 'utf8') : '');
  };
  await registry.call('tools__order', { thing: 'tea' }, { onSend });
  await registry.call('tools__order', { thing: 'cake' }, { onSend });
  expect(announced).toEqual(['', 'order tea\n']);
  announced.length = 0;
  const onInput = async () => ({ action: 'accept', content: { colour: 'blue' } });
  expect(await registry.call('raw__paint', {}, { onSend, onInput })).toMatchObject({ type: 'complete' });
  expect(announced).toHaveLength(2);
});

test('what is not announced is not sent, and the reason reaches the caller', async () => {
  await using bench = new Bench();
  const ledger = join(bench.homeFolder, 'ledger');
  const { line: url } = await bench.start('everything', ['--http']);
  const servers = [stdioServer('tools', 'agent-tools', [ledger]), httpServer('web', url)];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  const lost = new HostError('run-lost', 'Another host has the run.');
  const onSend = (): never => {
    throw lost;
  };
  await expect(registry.call('tools__order', { thing: 'tea' }, { onSend })).rejects.toBe(lost);
  await expect(registry.call('web__add', { a: 1, b: 2 }, { onSend })).rejects.toBe(lost);
  // The connection is as it was, and the next request is the first that the server gets.
  expect(await registry.call('tools__order', { thing: 'cake' }, {})).toMatchObject({ type: 'complete' });
  expect(readFileSync(ledger, 'utf8')).toBe('order cake\n');
});

test('a call that ended before it was sent is not announced', async () => {
  await using bench = new Bench();
  await using registry = await openRegistry(bench.options([stdioServer('tools', 'agent-tools')]));
  await registry.ready();
  let announced = 0;
  const onSend = (): void => {
    announced += 1;
  };
  const options = { onSend, signal: AbortSignal.abort() };
  expect(await registry.call('tools__order', { thing: 'tea' }, options)).toMatchObject({ code: 'cancelled' });
  expect(announced).toBe(0);
});

test('a caller that takes the rounds itself gets each of them, and still answers what a legacy server asks', async () => {
  await using bench = new Bench();
  const servers = [stdioServer('raw', 'modern-raw'), stdioServer('asks', 'misbehaving', ['asks'])];
  await using registry = await openRegistry(bench.options(servers));
  await registry.ready();
  const options = {
    onInput: async () => ({ action: 'accept', content: { colour: 'blue' } }),
    inputRounds: 'caller' as const,
  };
  expect(await registry.call('raw__paint', {}, options)).toMatchObject({
    type: 'input-required',
    requestState: '1',
  });
  expect(JSON.stringify(await registry.call('asks__act', {}, options))).toContain('blue');
});

test('a server that has died without being noticed is started for the call that notices, which is announced once', async () => {
  await using bench = new Bench();
  const ledger = join(bench.homeFolder, 'ledger');
  await using registry = await openRegistry(bench.options([stdioServer('tools', 'agent-tools', [ledger])]));
  await registry.ready();
  await registry.call('tools__order', { thing: 'cake' }, {});
  const pid = registry.servers()[0]?.pid ?? Number.NaN;
  process.kill(pid, 'SIGKILL');
  // It is dead before this process has a chance to be told so.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  let announced = 0;
  const onSend = (): void => {
    announced += 1;
  };
  expect(await registry.call('tools__order', { thing: 'tea' }, { onSend })).toMatchObject({
    type: 'complete',
  });
  expect(registry.servers()[0]?.pid).not.toBe(pid);
  expect(announced).toBe(1);
  expect(readFileSync(ledger, 'utf8')).toBe('order cake\norder tea\n');
});
