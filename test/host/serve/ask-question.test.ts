/** Questions of a run to whoever waits for it: while its person thinks, when a gateway dies, and of several clients. */
import { afterEach, expect, test } from 'vitest';

import { ALLOW, type Answer, ASK, CLOSED, openOrders, type Orders } from '../../fixtures/ask-approvals.ts';
import { collected, textOf, toldRun } from '../../fixtures/ask-world.ts';

let orders: Orders;

afterEach(() => orders[Symbol.asyncDispose]());

test('a modern client is waited with while its person thinks, however long', async () => {
  // A gateway that has just been started needs some of it.
  orders = await openOrders(8_000);
  const decided = Promise.withResolvers<Answer>();
  const shown = Promise.withResolvers<void>();
  const { client } = await orders.connect('modern', () => {
    shown.resolve();
    return decided.promise;
  });
  const waiting = client.callTool(ASK);
  await shown.promise;
  const [run] = JSON.parse((await orders.command('runs', '--json')).stdout) as [{ id: string }];
  // Whose own wait has come to its end by then.
  const other = await orders.connect('legacy', () => CLOSED);
  const told = await other.client.callTool({ name: 'switchyard__run_wait', arguments: { runId: run.id } });
  expect(toldRun(told).approvals).toHaveLength(1);
  decided.resolve(ALLOW);
  expect(textOf(await waiting)).toBe('It says: ordered tea');
});

test('a question outlives the gateway that is killed while it waits', async () => {
  orders = await openOrders();
  const first = await orders.connect('legacy', () => CLOSED);
  const { runId, approvals } = toldRun(await first.client.callTool(ASK));
  process.kill(first.pid, 'SIGKILL');
  const second = await orders.connect('modern', () => ALLOW);
  expect(textOf(await collected(second.client, runId))).toBe('It says: ordered tea');
  expect([second.forms.length, approvals?.length]).toEqual([1, 1]);
  expect(orders.ordered()).toEqual(['order tea']);
});

test('of two clients that wait, the first answer counts, and the other is asked no longer', async () => {
  orders = await openOrders();
  const first = await orders.connect('legacy', () => CLOSED);
  const { runId } = toldRun(await first.client.callTool(ASK));
  const shown = Promise.withResolvers<void>();
  const slow = await orders.connect('legacy', () => {
    shown.resolve();
    return new Promise<Answer>(() => undefined);
  });
  const waiting = collected(slow.client, runId);
  await shown.promise;
  const quick = await orders.connect('modern', () => ALLOW);
  expect(textOf(await collected(quick.client, runId))).toBe('It says: ordered tea');
  expect(textOf(await waiting)).toBe('It says: ordered tea');
  expect([slow.forms.length, quick.forms.length]).toEqual([1, 1]);
  expect(orders.ordered()).toEqual(['order tea']);
});
