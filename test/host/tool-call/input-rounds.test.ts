import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { JsonObject } from '../../../src/json.ts';
import { MemoryJournals } from '../../../src/host/engine/memory.ts';
import { allowAll, type ApprovalPolicy, denyAll } from '../../../src/host/tool-call/policy.ts';
import { agentTools } from '../../fixtures/agent-tools.ts';
import { eventsOf, openTestHost, type TestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { oneCall } from './effect-fixture.ts';

/** Nothing that it says of its tools is believed, so that each of its requests is claimed. */
const TOOLS = agentTools('', { trust: 'none' });
const RAW = agentTools('', {
  name: 'raw',
  args: [join(import.meta.dirname, '../../fixtures/mcp/modern-raw.ts')],
});
const BLUE = { action: 'accept', content: { colour: 'blue' } };

async function openHost(more: Partial<TestHostOptions>): Promise<TestHost> {
  const opened = await openTestHost({
    servers: [TOOLS, RAW],
    policy: allowAll('test'),
    script: () => ({ type: 'answer', text: 'In short.' }),
    ...more,
  });
  opened.host.engine.register(oneCall);
  return opened;
}

test('each round is a journaled result, its answers are a step, and the next round is a claim', async () => {
  const journals = new MemoryJournals();
  await using opened = await openHost({ journals, elicit: async () => BLUE });
  const run = opened.host.engine.start(oneCall, { name: 'raw__paint' });
  expect(JSON.stringify(await run.result)).toContain('blue');
  const rows = [...journals.read(run.id).rows()].filter(({ type }) => type !== 'event');
  expect(rows).toMatchObject([
    { type: 'step', name: 'tools' },
    { type: 'step', name: 'prepare' },
    { type: 'claim', claim: { round: 1, attempt: 1 } },
    { type: 'step', name: 'call' },
    { type: 'step', name: 'input' },
    { type: 'claim', claim: { round: 2, attempt: 1 } },
    { type: 'step', name: 'call' },
  ]);
  const [asked] = rows.filter(({ type, ...row }) => type === 'step' && 'name' in row && row.name === 'call');
  const result = JSON.parse(
    asked !== undefined && 'result' in asked ? String(asked.result) : '{}',
  ) as JsonObject;
  expect(result).toMatchObject({ type: 'input-required', requestState: '1', inputRequests: { colour: {} } });
  expect(await opened.host.engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
});

test('a run that goes on in another host does not ask the person again', async () => {
  await using folder = await temporaryFolder('rounds');
  let runId: string;
  {
    let leaving: Promise<void> | undefined;
    await using opened = await openHost({
      folder: folder.path,
      elicit: async () => {
        // What is under way comes to its end, and nothing more begins.
        leaving = opened.host.engine.close({ graceMs: 60_000 });
        return BLUE;
      },
    });
    const run = opened.host.engine.start(oneCall, { name: 'tools__ask_person' });
    runId = run.id;
    expect(await run.result).toMatchObject({ type: 'suspended' });
    await leaving;
  }
  await using opened = await openHost({
    folder: folder.path,
    elicit: () => Promise.reject(new Error('asked a second time')),
  });
  const run = await opened.host.engine.resume(runId);
  expect(await run.result).toMatchObject({ type: 'done', output: { outcome: 'complete' } });
  expect(JSON.stringify(await run.result)).toContain('blue');
  const asked = (await eventsOf(run)).filter(({ type }) => type === 'input-request');
  expect(asked).toHaveLength(1);
});

test('a run that goes on in another host does not pay for an answer of a model again', async () => {
  await using folder = await temporaryFolder('rounds');
  let runId: string;
  let leaving: Promise<void> | undefined;
  {
    await using opened = await openHost({
      folder: folder.path,
      script: () => {
        leaving = opened.host.engine.close({ graceMs: 60_000 });
        return { type: 'answer', text: 'In short.' };
      },
    });
    await opened.host.models();
    const run = opened.host.engine.start(oneCall, { name: 'tools__ask_model' });
    runId = run.id;
    expect(await run.result).toMatchObject({ type: 'suspended' });
    await leaving;
    expect(opened.model.requests).toHaveLength(1);
  }
  await using opened = await openHost({ folder: folder.path });
  const run = await opened.host.engine.resume(runId);
  const outcome = await run.result;
  expect(JSON.stringify(outcome)).toContain('In short.');
  expect(opened.model.requests).toHaveLength(0);
  // It is counted again all the same: the run has spent it.
  expect(outcome).toMatchObject({ type: 'done', totals: { usage: { inputTokens: 100 } } });
});

test('a server that never has enough is given up, and one that may not ask is told so', async () => {
  {
    await using opened = await openHost({ elicit: async () => BLUE });
    const run = opened.host.engine.start(oneCall, { name: 'raw__insatiable' });
    expect(await run.result).toMatchObject({
      output: {
        outcome: 'tool-error',
        message: "'raw' asked for input 16 times for one call; it was given up.",
      },
    });
  }
  const denying = denyAll('no-terminal', 'nobody can be asked');
  const policy: ApprovalPolicy = { ...allowAll('test'), decide: (request) => denying.decide(request) };
  await using opened = await openHost({ policy });
  await opened.host.models();
  const run = opened.host.engine.start(oneCall, { name: 'tools__ask_model' });
  expect(await run.result).toMatchObject({ output: { outcome: 'tool-error' } });
  expect(JSON.stringify(await run.result)).toContain('nobody can be asked');
  expect(opened.model.requests).toHaveLength(0);
});
