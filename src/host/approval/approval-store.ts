/** How approvals come to be, are decided and are used. Every change is one transaction, because other processes make them too. */
import type { JsonObject } from '../../json.ts';
import { newShortId } from '../short-id.ts';
import type { State } from '../state.ts';
import type { ApprovalDecision } from '../tool-call/policy.ts';
import type { Decided, UsedApproval, WaitingCall } from '../tool-call/waiting-approvals.ts';
import { argumentsHash } from './arguments-hash.ts';
import { approvalOf, expireApprovals, type KeptApprovalRow } from './kept-approval.ts';

export interface NewApproval
  extends Pick<
    KeptApprovalRow,
    | 'runId'
    | 'place'
    | 'actor'
    | 'project'
    | 'sessionId'
    | 'tool'
    | 'server'
    | 'title'
    | 'destructive'
    | 'reason'
    | 'diff'
    | 'arguments'
  > {
  /** From now on. */
  readonly lifetimeMs: number;
}

/** Once for a run and place: the second time it is the one from before. */
export function keepApproval(state: State, wanted: NewApproval): KeptApprovalRow {
  return state.transaction(() => {
    const { database } = state;
    const before =
      wanted.runId === undefined
        ? undefined
        : database
            .prepare('SELECT id FROM approvals WHERE run_id = ? AND place = ?')
            .get(wanted.runId, wanted.place);
    return before === undefined ? insert(state, wanted) : requireApproval(state, String(before['id']));
  });
}

export type Decision = {
  readonly decision: 'approved' | 'denied';
  readonly by: string;
  readonly reason?: string;
  /** With `approved`: what the person made of the arguments. The approval binds to these. */
  readonly arguments?: JsonObject;
};

export interface DecideOptions {
  /** Also what was approved and is not used yet: a no takes the yes back. */
  readonly revoke?: boolean;
  /** Done in the same transaction. */
  readonly also?: () => void;
}

/** False where somebody else was first, or its time is over. */
export function decideApproval(
  state: State,
  id: string,
  decision: Decision,
  { revoke = false, also }: DecideOptions = {},
): boolean {
  return state.transaction(() => {
    expireApprovals(state);
    const { decision: decided, by, reason, arguments: args } = decision;
    const changed = state.database
      .prepare(
        `UPDATE approvals SET state = ?, decided_by = ?, decided_ms = ?, decision_reason = ?, approved_arguments = ?,
          approved_hash = CASE ? WHEN 'approved' THEN coalesce(?, arguments_hash) END
          WHERE id = ? AND (state = 'pending' OR (state = 'approved' AND ?))`,
      )
      .run(
        decided,
        by,
        Date.now(),
        reason ?? null,
        args === undefined ? null : JSON.stringify(args),
        decided,
        args === undefined ? null : argumentsHash(args),
        id,
        revoke ? 1 : 0,
      );
    if (changed.changes === 0) return false;
    also?.();
    return true;
  });
}

/** approved → used, once: for the arguments that were asked about, before it expires. `usedBy` finds its own use again. */
export function useApproval(
  state: State,
  id: string,
  { arguments: args, usedBy }: { readonly arguments: JsonObject; readonly usedBy: string },
): UsedApproval {
  return state.transaction(() => {
    expireApprovals(state);
    const kept = approvalOf(state, id);
    if (kept === undefined) return denied(NO_APPROVAL, `its approval ${id} is no longer kept`);
    switch (kept.state) {
      case 'pending':
        return { type: 'pending' };
      case 'denied':
        return deniedBy(kept);
      case 'expired':
        return denied('expired', `nobody allowed it before ${new Date(kept.expiresMs).toISOString()}`);
      case 'cancelled':
        return denied(NO_APPROVAL, `its approval ${id} was withdrawn`);
      case 'used':
        if (kept.usedBy === usedBy) return allowed(kept);
        return denied(NO_APPROVAL, `its approval ${id} was used already`);
      case 'approved':
        if (!fits(kept, args)) return denied(NO_APPROVAL, `its approval ${id} is for other arguments`);
        markUsed(state, id, usedBy);
        return allowed(kept);
      default:
        return kept.state satisfies never;
    }
  });
}

/** `by` of a denial for which nobody said no. */
const NO_APPROVAL = 'no-approval';

/**
 * For a call that is sent again once it is approved: uses what was decided about the same call, made by the same actor
 * from the same folder. A yes is used once, a no is told once; behind that the call is asked about anew. Where nothing is
 * decided the question is kept, once.
 */
export function consumeApproval(
  state: State,
  call: Omit<NewApproval, 'runId'>,
  usedBy: string,
): Decided | WaitingCall {
  return state.transaction(() => {
    const decided = decidedCall(state, call, usedBy);
    if (decided !== undefined) return decided;
    const { id, expiresMs } = sameCall(state, call, "state = 'pending'") ?? insert(state, call);
    return { type: 'waiting', id, expiresMs };
  });
}

/** The same, of a call about which a person is at hand to be asked: nothing is kept. */
export function consumeDecided(
  state: State,
  call: Omit<NewApproval, 'runId'>,
  usedBy: string,
): Decided | undefined {
  return state.transaction(() => decidedCall(state, call, usedBy));
}

function decidedCall(state: State, call: Omit<NewApproval, 'runId'>, usedBy: string): Decided | undefined {
  expireApprovals(state);
  const kept = sameCall(state, call, "(state = 'approved' OR (state = 'denied' AND used_by IS NULL))");
  if (kept === undefined) return undefined;
  if (kept.state === 'approved') {
    markUsed(state, kept.id, usedBy);
    return allowed(kept);
  }
  state.database.prepare('UPDATE approvals SET used_by = ? WHERE id = ?').run(usedBy, kept.id);
  return deniedBy(kept);
}

function sameCall(
  state: State,
  { tool, server, arguments: args, actor, project }: Omit<NewApproval, 'runId'>,
  condition: string,
): KeptApprovalRow | undefined {
  const row = state.database
    .prepare(
      `SELECT id FROM approvals WHERE run_id IS NULL AND tool = ? AND server = ? AND arguments_hash = ? AND actor = ?
        AND project = ? AND expires_ms > ? AND ${condition}`,
    )
    .get(tool, server, argumentsHash(args), actor, project, Date.now());
  return row === undefined ? undefined : requireApproval(state, String(row['id']));
}

/** What is sent is what was approved, to the last character. */
function fits(kept: KeptApprovalRow, args: JsonObject): boolean {
  if (argumentsHash(args) !== kept.argumentsHash) return false;
  return argumentsHash(kept.approvedArguments ?? args) === kept.approvedHash;
}

function markUsed({ database }: State, id: string, usedBy: string): void {
  database.prepare("UPDATE approvals SET state = 'used', used_by = ? WHERE id = ?").run(usedBy, id);
}

function allowed({ decidedBy = 'person', approvedArguments }: KeptApprovalRow): Decided {
  const decision: ApprovalDecision = {
    decision: 'allowed',
    by: decidedBy,
    ...(approvedArguments === undefined ? {} : { arguments: approvedArguments }),
  };
  return { type: 'decided', ...decision };
}

function deniedBy({ decidedBy = 'person', decisionReason }: KeptApprovalRow): Decided {
  return denied(decidedBy, decisionReason ?? 'the person said no');
}

function denied(by: string, reason: string): Decided {
  return { type: 'decided', decision: 'denied', by, reason };
}

/** Of calls that belong to no run, with which they would be deleted. */
const KEEP_OVER_MS = 30 * 24 * 60 * 60 * 1_000;

function insert(state: State, wanted: NewApproval): KeptApprovalRow {
  const id = freeId(state);
  const now = Date.now();
  state.database
    .prepare(
      "DELETE FROM approvals WHERE run_id IS NULL AND expires_ms < ? AND state NOT IN ('pending', 'approved')",
    )
    .run(now - KEEP_OVER_MS);
  state.database
    .prepare(
      `INSERT INTO approvals (id, run_id, place, actor, project, session_id, tool, server, title, destructive, reason,
        diff, arguments, arguments_hash, created_ms, expires_ms, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')`,
    )
    .run(
      id,
      wanted.runId ?? null,
      wanted.place,
      wanted.actor,
      wanted.project,
      wanted.sessionId ?? null,
      wanted.tool,
      wanted.server,
      wanted.title,
      wanted.destructive ? 1 : 0,
      wanted.reason ?? null,
      wanted.diff ?? null,
      JSON.stringify(wanted.arguments),
      argumentsHash(wanted.arguments),
      now,
      now + wanted.lifetimeMs,
    );
  return requireApproval(state, id);
}

function freeId(state: State): string {
  for (;;) {
    const id = newShortId();
    if (approvalOf(state, id) === undefined) return id;
  }
}

function requireApproval(state: State, id: string): KeptApprovalRow {
  const kept = approvalOf(state, id);
  if (kept === undefined) throw new Error(`the approval ${id} is not there`);
  return kept;
}
