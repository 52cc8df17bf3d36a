/** What a run that waits wants of a person. */
import { pendingApprovalsOf } from '../approval/kept-approval.ts';
import { questionCount } from '../engine/durable/run-facts.ts';
import type { State } from '../state.ts';

/** The command that answers; undefined where it waits for something else. */
export function answeringCommand(state: State, runId: string): string | undefined {
  const [approval] = pendingApprovalsOf(state, runId);
  if (approval !== undefined) return `switchyard approvals approve ${approval}, or deny ${approval}`;
  const row = state.use(() => state.database.prepare('SELECT key FROM runs WHERE id = ?').get(runId));
  if (row === undefined || questionCount(state, { key: Number(row['key']) }) === 0) return undefined;
  return `switchyard runs answer ${runId}`;
}
