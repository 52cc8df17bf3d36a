/** The rows of table `approvals` of state.db: what was asked, and what came of it. */
import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { looksLikeId } from '../short-id.ts';
import type { State } from '../state.ts';

/**
 * pending → approved → used, or denied. `expired`: not used in time. `cancelled`: its run is over, or it was withdrawn.
 */
export type ApprovalState = 'pending' | 'approved' | 'denied' | 'used' | 'expired' | 'cancelled';

export interface KeptApprovalRow {
  readonly id: string;
  /** Absent: of a call that belongs to no run that could wait. */
  readonly runId?: string;
  /** The step that asks. */
  readonly place: string;
  readonly actor: string;
  /** The working folder. */
  readonly project: string;
  readonly sessionId?: string;
  readonly tool: string;
  readonly server: string;
  readonly title: string;
  readonly destructive: boolean;
  readonly reason?: string;
  readonly diff?: string;
  /** As they would be sent. */
  readonly arguments: JsonObject;
  readonly argumentsHash: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly state: ApprovalState;
  /** What the person made of the arguments. */
  readonly approvedArguments?: JsonObject;
  readonly approvedHash?: string;
  readonly decidedBy?: string;
  readonly decidedMs?: number;
  readonly decisionReason?: string;
  readonly usedBy?: string;
}

/** Inside a transaction, before a state is looked at: what was not used in time is so no longer. */
export function expireApprovals({ database }: State): void {
  database
    .prepare(
      "UPDATE approvals SET state = 'expired' WHERE state IN ('pending', 'approved') AND expires_ms <= ?",
    )
    .run(Date.now());
}

export function approvalOf({ database }: State, id: string): KeptApprovalRow | undefined {
  const row = database.prepare('SELECT * FROM approvals WHERE id = ?').get(id);
  return row === undefined ? undefined : keptOf(row);
}

/** The newest first. `ended`: also those that nothing can come of any more. */
export function keptApprovals(state: State, { ended = false } = {}): readonly KeptApprovalRow[] {
  const open = "WHERE state IN ('pending', 'approved')";
  return state.transaction(() => {
    expireApprovals(state);
    return state.database
      .prepare(`SELECT * FROM approvals ${ended ? '' : open} ORDER BY created_ms DESC, id`)
      .all()
      .map(keptOf);
  });
}

/** Of a run, those that nobody has decided. */
export function pendingApprovalsOf({ database, use }: State, runId: string): readonly string[] {
  const rows = use(() =>
    database
      .prepare(
        "SELECT id FROM approvals WHERE run_id = ? AND state = 'pending' AND expires_ms > ? ORDER BY created_ms, id",
      )
      .all(runId, Date.now()),
  );
  return rows.map((row) => String(row['id']));
}

/** By its id or the beginning of one. Throws HostError `unknown-approval`, also where several begin so. */
export function findApproval(state: State, idOrBeginning: string): KeptApprovalRow {
  const found = looksLikeId(idOrBeginning)
    ? state.transaction(() => {
        expireApprovals(state);
        return state.database
          .prepare('SELECT * FROM approvals WHERE substr(id, 1, ?) = ? ORDER BY created_ms DESC')
          .all(idOrBeginning.length, idOrBeginning)
          .map(keptOf);
      })
    : [];
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only !== undefined)
    throw new HostError(
      'unknown-approval',
      `Several approvals begin with "${idOrBeginning}": ${found.map(({ id, tool }) => `${id} (${tool})`).join(', ')}. Write more of the id.`,
    );
  const pending = keptApprovals(state)
    .filter((kept) => kept.state === 'pending')
    .map(({ id, tool }) => `${id} (${tool})`);
  const waiting = pending.length === 0 ? 'Nothing waits.' : `What waits: ${pending.join(', ')}.`;
  throw new HostError('unknown-approval', `There is no approval "${idOrBeginning}". ${waiting}`);
}

function keptOf(row: Record<string, unknown>): KeptApprovalRow {
  const text = (name: string): string => String(row[name]);
  const optional = <Name extends string>(name: Name, column: string) =>
    (row[column] === null ? {} : { [name]: row[column] }) as { readonly [Key in Name]?: never };
  return {
    id: text('id'),
    ...optional('runId', 'run_id'),
    place: text('place'),
    actor: text('actor'),
    project: text('project'),
    ...optional('sessionId', 'session_id'),
    tool: text('tool'),
    server: text('server'),
    title: text('title'),
    destructive: row['destructive'] === 1,
    ...optional('reason', 'reason'),
    ...optional('diff', 'diff'),
    arguments: JSON.parse(text('arguments')) as JsonObject,
    argumentsHash: text('arguments_hash'),
    createdMs: Number(row['created_ms']),
    expiresMs: Number(row['expires_ms']),
    state: text('state') as ApprovalState,
    ...(row['approved_arguments'] === null
      ? {}
      : { approvedArguments: JSON.parse(text('approved_arguments')) as JsonObject }),
    ...optional('approvedHash', 'approved_hash'),
    ...optional('decidedBy', 'decided_by'),
    ...optional('decidedMs', 'decided_ms'),
    ...optional('decisionReason', 'decision_reason'),
    ...optional('usedBy', 'used_by'),
  };
}
