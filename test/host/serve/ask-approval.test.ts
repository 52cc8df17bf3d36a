/** Calls of a run that a person has to allow, put to the client that waits for it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ALLOW, ASK, CLOSED, DENY, openOrders, type Orders } from '../../fixtures/ask-approvals.ts';
import { collected, textOf, toldRun } from '../../fixtures/ask-world.ts';

let orders: Orders;

beforeEach(async () => {
  orders = await openOrders();
});

afterEach(() => orders[Symbol.asyncDispose]());

describe.each(['modern', 'legacy'] as const)('the person of a %s client', (era) => {
  test('is asked while the client waits, and the run goes on with what they say', async () => {
    const answers = [ALLOW, DENY];
    const { client, forms } = await orders.connect(era, () => answers.shift() ?? DENY);
    expect(textOf(await client.callTool(ASK))).toBe('It says: ordered tea');
    expect(forms[0]).toMatch(/tools__order[\s\S]*"thing": "tea"/);
    expect(textOf(await client.callTool(ASK))).toMatch(/It says: .*not run/);
    expect(forms).toHaveLength(2);
    expect(orders.ordered()).toEqual(['order tea']);
  });

  test('closes the form, and the run waits for them elsewhere', async () => {
    const { client, pid } = await orders.connect(era, () => CLOSED);
    const { runId, approvals, next } = toldRun(await client.callTool(ASK));
    const id = approvals?.[0]?.id ?? '';
    expect(next).toContain(`switchyard approvals approve ${id}`);
    expect(orders.ordered()).toEqual([]);
    const { code, stderr } = await orders.command('approvals', 'approve', id);
    expect([code, stderr]).toEqual([
      0,
      `tools__order (${id}) is approved.\nRun ${runId} is being worked on by process ${pid}. It goes on there.\n`,
    ]);
    expect(textOf(await collected(client, runId))).toBe('It says: ordered tea');
    expect(orders.ordered()).toEqual(['order tea']);
  });
});
