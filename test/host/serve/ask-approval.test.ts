/** Calls of a run that a person has to allow, put to the clients that wait for it. */
import { join } from 'node:path';

import type { Client } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { linesOf } from '../../fixtures/agent-tools.ts';
import { type AskWorld, askWorld, collected, textOf, toldRun } from '../../fixtures/ask-world.ts';
import { switchyard } from '../../fixtures/command-line.ts';
import { type ClientEra, type ConnectedClient, connectClient } from '../../fixtures/gateway.ts';
import { type TemporaryFolder, temporaryFolder } from '../../fixtures/temporary-folder.ts';

type Answer = { action: 'accept'; content: { decision: string } } | { action: 'decline' | 'cancel' };

const ALLOW: Answer = { action: 'accept', content: { decision: 'allow' } };
const DENY: Answer = { action: 'accept', content: { decision: 'deny' } };

let folder: TemporaryFolder;
let ledger: string;
let asked: AskWorld;
const connected: ConnectedClient[] = [];

beforeEach(async () => {
  folder = await temporaryFolder('ledger');
  ledger = join(folder.path, 'ledger');
  const tools = {
    command: process.execPath,
    args: [join(import.meta.dirname, '../../fixtures/mcp/agent-tools.ts'), ledger],
  };
  asked = await askWorld(
    ({ toolResults }) =>
      toolResults.length === 0
        ? { type: 'answer', toolCalls: [{ name: 'tools__order', arguments: { thing: 'tea' } }] }
        : { type: 'answer', text: `It says: ${toolResults[0]?.text}` },
    { approvals: [], mcpServers: { tools } },
  );
});

afterEach(async () => {
  await Promise.all(connected.splice(0).map((one) => one[Symbol.asyncDispose]()));
  await asked[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** A client whose person is asked in forms, which are kept. */
async function connect(
  era: ClientEra,
  answer: () => Answer | Promise<Answer>,
): Promise<{ readonly client: Client; readonly forms: readonly string[] }> {
  const forms: string[] = [];
  const one = await connectClient(asked.world, era, {
    capabilities: { elicitation: { form: {} } },
    prepare: (made) =>
      made.setRequestHandler('elicitation/create', ({ params }) => {
        forms.push(params.message);
        return answer();
      }),
  });
  connected.push(one);
  await one.client.listTools();
  return { client: one.client, forms };
}

const ask = { name: 'switchyard__ask', arguments: { request: 'Order tea.' } };

describe.each(['modern', 'legacy'] as const)('the person of a %s client', (era) => {
  test('is asked while the client waits, and the run goes on with what they say', async () => {
    const answers = [ALLOW, DENY];
    const { client, forms } = await connect(era, () => answers.shift() ?? DENY);
    expect(textOf(await client.callTool(ask))).toBe('It says: ordered tea');
    expect(forms[0]).toMatch(/tools__order[\s\S]*"thing": "tea"/);
    expect(textOf(await client.callTool(ask))).toMatch(/It says: .*not run/);
    expect(forms).toHaveLength(2);
    expect(linesOf(ledger)).toEqual(['order tea']);
  });

  test('closes the form, and the run waits for them elsewhere', async () => {
    const { client } = await connect(era, () => ({ action: 'cancel' }));
    const told = toldRun(await client.callTool(ask));
    const id = told.approvals?.[0]?.id ?? '';
    expect(told.next).toContain(`switchyard approvals approve ${id}`);
    expect(linesOf(ledger)).toEqual([]);
    const approved = await switchyard(['approvals', 'approve', id], {
      cwd: asked.world.work,
      home: asked.world.home,
    });
    expect([approved.code, approved.stderr]).toEqual([0, expect.stringContaining('is approved')]);
    expect(textOf(await collected(client, told.runId))).toBe('It says: ordered tea');
    expect(linesOf(ledger)).toEqual(['order tea']);
  });
});

test('of two clients that wait, the first answer counts, and the other is asked no longer', async () => {
  const { client: first } = await connect('legacy', () => ({ action: 'cancel' }));
  const { runId } = toldRun(await first.callTool(ask));
  const shown = Promise.withResolvers<void>();
  const never = new Promise<Answer>(() => undefined);
  const slow = await connect('legacy', () => {
    shown.resolve();
    return never;
  });
  const waiting = collected(slow.client, runId);
  await shown.promise;
  const quick = await connect('modern', () => ALLOW);
  expect(textOf(await collected(quick.client, runId))).toBe('It says: ordered tea');
  expect(textOf(await waiting)).toBe('It says: ordered tea');
  expect([slow.forms.length, quick.forms.length]).toEqual([1, 1]);
  expect(linesOf(ledger)).toEqual(['order tea']);
});
