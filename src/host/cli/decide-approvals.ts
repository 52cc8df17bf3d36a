/** A person's yes or no to calls that wait, given from any terminal. */
import { homeFolder } from '../../config/environment.ts';
import { HostError } from '../../errors.ts';
import { type Decision, decideApproval } from '../approval/approval-store.ts';
import { approvalOf, findApproval, type KeptApprovalRow } from '../approval/kept-approval.ts';
import { RunStore } from '../engine/durable/run-store.ts';
import { openState, type State } from '../state.ts';
import { approvalSignal } from '../tool-call/waiting-approvals.ts';
import type { DecideFlags } from './approval-commands.ts';
import { continueRuns, type LeftRun, leftRun } from './continue-runs.ts';
import { printable, processOutput } from './terminal.ts';

/**
 * Records what a person decided. A run that waited for it and that no live process has goes on here. Rejects with HostError
 * `unknown-approval`, and `approval-over` where there is nothing left to decide; then nothing is decided.
 */
export async function decide(
  ids: readonly string[],
  decision: 'approved' | 'denied',
  flags: DecideFlags,
): Promise<void> {
  const runs = recordAll(ids, decision, flags);
  if (flags.resume === false || runs.length === 0) return;
  process.exitCode = await continueRuns(runs, flags);
}

/** The runs that wait for what was decided, as they stood before. */
function recordAll(
  ids: readonly string[],
  decision: 'approved' | 'denied',
  { reason }: DecideFlags,
): readonly LeftRun[] {
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const found = ids.map((id) => findApproval(state, id));
  const chosen = [...new Map(found.map((kept) => [kept.id, kept])).values()];
  for (const kept of chosen) requireOpen(kept, decision);
  const runIds = new Set(chosen.flatMap(({ runId }) => (runId === undefined ? [] : [runId])));
  const runs = [...runIds].map((runId) => leftRun(state, store, runId));
  for (const { id, tool, runId } of chosen) {
    const made: Decision = {
      decision,
      by: 'person',
      ...(reason === undefined ? {} : { reason: `the person said no: ${reason}` }),
    };
    record({ state, store, id, runId }, made);
    const next = decision === 'approved' && runId === undefined ? ' It runs when it is sent again.' : '';
    processOutput().status(`${printable(tool)} (${id}) is ${decision}.${next}`);
  }
  return runs;
}

interface Place {
  readonly state: State;
  readonly store: RunStore;
  readonly id: string;
  readonly runId: string | undefined;
}

/** With the word to its run in one transaction: a run is not left waiting for what was decided. */
function record({ state, store, id, runId }: Place, decision: Decision): void {
  const also = (): void => {
    if (runId !== undefined) store.signal(runId, approvalSignal(id), 'null');
  };
  if (decideApproval(state, id, decision, { revoke: decision.decision === 'denied', also })) return;
  const now = approvalOf(state, id);
  if (now !== undefined) requireOpen(now, decision.decision);
  throw new HostError('approval-over', `The approval ${id} was decided elsewhere in the same moment.`);
}

function requireOpen(kept: KeptApprovalRow, decision: 'approved' | 'denied'): void {
  if (kept.state === 'pending' || (kept.state === 'approved' && decision === 'denied')) return;
  throw new HostError('approval-over', `${printable(kept.tool)} (${kept.id}) ${overText(kept)}`);
}

function overText({ state, expiresMs, decidedMs = 0 }: KeptApprovalRow): string {
  const decided = new Date(decidedMs).toISOString();
  switch (state) {
    case 'pending':
      return 'waits still.';
    case 'approved':
      return `was approved already, at ${decided}.`;
    case 'denied':
      return `was denied already, at ${decided}.`;
    case 'used':
      return `was approved at ${decided} and has run. Another call of it is asked about anew.`;
    case 'expired':
      return `expired at ${new Date(expiresMs).toISOString()}. It is asked about anew when it is called again.`;
    case 'cancelled':
      return 'is no longer wanted: its run is over.';
    default:
      return state satisfies never;
  }
}
