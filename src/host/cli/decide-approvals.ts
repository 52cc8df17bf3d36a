/** A person's yes or no to calls that wait, given from any terminal. */
import { homeFolder } from '../../config/environment.ts';
import { HostError } from '../../errors.ts';
import { type Decision, decideApproval } from '../approval/approval-store.ts';
import { approvalOf, findApproval, type KeptApprovalRow } from '../approval/kept-approval.ts';
import { openState, type State } from '../state.ts';
import type { DecideFlags } from './approval-commands.ts';
import { printable, processOutput } from './terminal.ts';

/** Rejects with HostError `unknown-approval`, and `approval-over` where there is nothing left to decide; then nothing is decided. */
export async function decide(
  ids: readonly string[],
  decision: 'approved' | 'denied',
  { reason }: DecideFlags,
): Promise<void> {
  const output = processOutput();
  using state = openState(homeFolder());
  const found = ids.map((id) => findApproval(state, id));
  const chosen = [...new Map(found.map((kept) => [kept.id, kept])).values()];
  for (const kept of chosen) requireOpen(kept, decision);
  for (const { id, tool, runId } of chosen) {
    record(state, id, {
      decision,
      by: 'person',
      ...(reason === undefined ? {} : { reason: `the person said no: ${reason}` }),
    });
    const next = decision === 'approved' && runId === undefined ? ' It runs when it is sent again.' : '';
    output.status(`${printable(tool)} (${id}) is ${decision}.${next}`);
  }
}

function record(state: State, id: string, decision: Decision): void {
  if (decideApproval(state, id, decision, { revoke: decision.decision === 'denied' })) return;
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
