/** Questions that are kept: who answers first, what the answer holds for, and what comes of them in another host. */
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { decideApproval, useApproval } from '../../../src/host/approval/approval-store.ts';
import { type KeptApprovalRow, keptApprovals } from '../../../src/host/approval/kept-approval.ts';
import { listApprovals } from '../../../src/host/approval/remembered.ts';
import { RunStore } from '../../../src/host/engine/durable/run-store.ts';
import type { RunEvent } from '../../../src/host/event.ts';
import { openState } from '../../../src/host/state.ts';
import type { ApprovalAnswer, ApprovalQuestion, Asker } from '../../../src/host/tool-call/policy.ts';
import { approvalSignal } from '../../../src/host/tool-call/waiting-approvals.ts';
import { agentTools, callThenAnswer, linesOf } from '../../fixtures/agent-tools.ts';
import { eventsOf, openTestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

interface Silent extends Asker {
  readonly asked: ApprovalQuestion[];
  /** Resolves with the first question. */
  readonly first: Promise<ApprovalQuestion>;
}

/** Says nothing until the question is taken away, and no then, as a dismissed panel does. */
function silent(): Silent {
  const asked: ApprovalQuestion[] = [];
  const { promise, resolve } = Promise.withResolvers<ApprovalQuestion>();
  return {
    asked,
    first: promise,
    ask: (question) =>
      new Promise((answer) => {
        asked.push(question);
        question.signal.addEventListener('abort', () => answer({ type: 'no' }));
        resolve(question);
      }),
  };
}

const says = (answer: ApprovalAnswer): Asker => ({ ask: async () => answer });

const ORDER = callThenAnswer([['tools__order', { thing: 'tea' }]]);
/** By what it is told, so that it goes on in a later host, too. */
const SCRIPT: TestHostOptions['script'] = (request) =>
  ORDER(request, request.toolResults.length === 0 ? 0 : 1);

function openHost(folder: string, more: Partial<TestHostOptions>) {
  return openTestHost({
    folder,
    servers: [agentTools(join(folder, 'ledger'))],
    script: SCRIPT,
    ...more,
  });
}

function kept(folder: string): readonly KeptApprovalRow[] {
  using state = openState(folder);
  return keptApprovals(state, { ended: true });
}

function decisionsOf(events: readonly RunEvent[]) {
  return events.flatMap((event) => (event.type === 'approval' ? [[event.decision, event.by]] : []));
}

/** As another process does it. */
function approve(folder: string): void {
  using state = openState(folder);
  const [only] = keptApprovals(state);
  if (only?.runId === undefined) throw new Error('nothing waits');
  const { id, runId } = only;
  const also = (): void => new RunStore(state, folder).signal(runId, approvalSignal(id), 'null');
  expect(decideApproval(state, id, { decision: 'approved', by: 'person' }, { also })).toBe(true);
  // Whoever is second decides nothing.
  expect(decideApproval(state, id, { decision: 'denied', by: 'person' })).toBe(false);
}

test('answered elsewhere, the question at hand is taken away, and what is said then counts no more', async () => {
  await using folder = await temporaryFolder('waiting');
  const asker = silent();
  await using opened = await openHost(folder.path, { asker });
  const handle = await opened.host.ask('Go on.');
  const question = await asker.first;
  approve(folder.path);
  expect(await handle.result).toMatchObject({ type: 'done' });
  expect(question.signal.aborted).toBe(true);
  const events = await eventsOf(handle);
  expect(decisionsOf(events)).toEqual([['allowed', 'person']]);
  const [row] = kept(folder.path);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'approval-request', name: 'tools__order', id: row?.id }),
  );
  expect(row).toMatchObject({ runId: handle.id, state: 'used', arguments: { thing: 'tea' } });
  expect(linesOf(join(folder.path, 'ledger'))).toEqual(['order tea']);
  expect(await opened.host.engine.replay(handle.id)).toMatchObject({ type: 'identical', complete: true });
  expect(asker.asked).toHaveLength(1);
});

test('a host that closes leaves its question, and the next one asks the same again', async () => {
  await using folder = await temporaryFolder('waiting');
  let runId: string;
  {
    const asker = silent();
    await using opened = await openHost(folder.path, { asker });
    const handle = await opened.host.ask('Go on.');
    runId = handle.id;
    await asker.first;
  }
  expect(kept(folder.path)).toMatchObject([{ runId, state: 'pending' }]);
  await using later = await openHost(folder.path, { asker: says({ type: 'yes' }) });
  const resumed = await later.host.resume(runId);
  expect(await resumed.result).toMatchObject({ type: 'done' });
  expect(kept(folder.path)).toMatchObject([{ runId, state: 'used' }]);
  expect((await eventsOf(resumed)).filter(({ type }) => type === 'approval-request')).toHaveLength(1);
  expect(linesOf(join(folder.path, 'ledger'))).toEqual(['order tea']);
});

test('decided by a process that died before it could wake the run: the run goes on when it is resumed', async () => {
  await using folder = await temporaryFolder('waiting');
  await using opened = await openHost(folder.path, { onAsk: 'wait' });
  const left = await opened.host.ask('Go on.', { onWait: 'leave' });
  await left.result;
  {
    using state = openState(folder.path);
    const [only] = keptApprovals(state);
    expect(decideApproval(state, only?.id ?? '', { decision: 'approved', by: 'person' })).toBe(true);
  }
  const resumed = await opened.host.resume(left.id, { onWait: 'leave' });
  expect(await resumed.result).toMatchObject({ type: 'done' });
  expect(linesOf(join(folder.path, 'ledger'))).toEqual(['order tea']);
});

test('a use is found again by the step that made it, and by no other', async () => {
  await using folder = await temporaryFolder('waiting');
  await using opened = await openHost(folder.path, { asker: says({ type: 'yes' }) });
  await (await opened.host.ask('Go on.')).result;
  using state = openState(folder.path);
  const [row] = keptApprovals(state, { ended: true });
  const use = (usedBy: string, thing = 'tea') =>
    useApproval(state, row?.id ?? '', { arguments: { thing }, usedBy });
  expect(use(row?.usedBy ?? '')).toMatchObject({ decision: 'allowed' });
  expect(use('another step')).toMatchObject({ decision: 'denied', by: 'no-approval' });
  expect(use('another step', 'gold')).toMatchObject({ decision: 'denied' });
});

test('a question that nobody answers is a no when its time is over', async () => {
  await using folder = await temporaryFolder('waiting');
  const asker = silent();
  await using opened = await openHost(folder.path, { asker, runs: { approvalHours: 0.000_1 } });
  const handle = await opened.host.ask('Go on.');
  expect(await handle.result).toMatchObject({ type: 'done' });
  expect(decisionsOf(await eventsOf(handle))).toEqual([['denied', 'expired']]);
  expect(kept(folder.path)).toMatchObject([{ state: 'expired' }]);
  expect(asker.asked[0]?.signal.aborted).toBe(true);
  expect(opened.model.requests.at(-1)?.toolResults[0]?.text).toMatch(/was not run: nobody allowed it before/);
  expect(linesOf(join(folder.path, 'ledger'))).toEqual([]);
});

test('without an asker a run that may wait is left, and a cancelled one takes its question along', async () => {
  await using folder = await temporaryFolder('waiting');
  await using opened = await openHost(folder.path, { onAsk: 'wait' });
  const left = await opened.host.ask('Go on.', { onWait: 'leave' });
  expect(await left.result).toMatchObject({ type: 'suspended', reason: 'waiting' });
  expect(kept(folder.path)).toMatchObject([{ state: 'pending' }]);
  await opened.host.engine.cancel(left.id);
  expect(kept(folder.path)).toMatchObject([{ state: 'cancelled' }]);
});

test('what the person makes of the arguments is what the approval is bound to', async () => {
  await using folder = await temporaryFolder('waiting');
  const asker = says({ type: 'edit', arguments: { thing: 'milk' } });
  await using opened = await openHost(folder.path, { asker });
  const handle = await opened.host.ask('Go on.');
  expect(await handle.result).toMatchObject({ type: 'done' });
  const [row] = kept(folder.path);
  expect(row).toMatchObject({ arguments: { thing: 'tea' }, approvedArguments: { thing: 'milk' } });
  expect(row?.approvedHash).not.toBe(row?.argumentsHash);
  expect(linesOf(join(folder.path, 'ledger'))).toEqual(['order milk']);
});

test('always for a session holds in that session alone, and goes with it', async () => {
  await using folder = await temporaryFolder('waiting');
  const offered: (readonly string[] | undefined)[] = [];
  const asker: Asker = {
    async ask({ always }) {
      offered.push(always?.scopes);
      return { type: 'always', scope: 'session' };
    },
  };
  await using opened = await openHost(folder.path, { asker, script: (request, n) => ORDER(request, n % 2) });
  const { sessions } = opened.host;
  const [one, other] = [await sessions.create(), await sessions.create()];
  const ask = async (sessionId: string) =>
    decisionsOf(await eventsOf(await opened.host.ask('Go on.', { sessionId })));
  expect(await ask(one.id)).toEqual([['allowed', 'person']]);
  expect(await ask(one.id)).toEqual([['allowed', 'always']]);
  expect(await ask(other.id)).toEqual([['allowed', 'person']]);
  expect(offered).toEqual([
    ['folder', 'session', 'person'],
    ['folder', 'session', 'person'],
  ]);
  using state = openState(folder.path);
  expect(listApprovals(state).map(({ scope, place }) => [scope, place])).toEqual(
    [one.id, other.id].sort().map((id) => ['session', id]),
  );
  await sessions.delete(one.id);
  expect(listApprovals(state)).toMatchObject([{ place: other.id }]);
  expect(kept(folder.path)).toMatchObject([{ sessionId: other.id }]);
});
