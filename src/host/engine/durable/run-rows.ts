/** The table `runs`, one row as a record. */
import type { Json } from '../../../json.ts';
import type { BudgetLimits } from '../../context.ts';
import type { RunRecord, RunStatus, SuspendReason } from '../engine.ts';

/** What is kept of a run besides its journal. */
export type RunRow = {
  readonly key: number;
  readonly run: RunRecord;
  readonly status: RunStatus;
  readonly reason?: SuspendReason;
  /** The host that has it, or died with it. */
  readonly owner?: string;
  readonly fence: number;
  readonly cancelReason?: string;
  readonly configFile: string | undefined;
  readonly project: string;
  readonly programVersion: string;
  readonly createdMs: number;
  readonly updatedMs: number;
};

export const RUN_COLUMNS = `key, id, workflow, workflow_revision, program_version, actor, session_id, config_file, project,
  input, budget, status, reason, owner, fence, cancel_reason, forked_from, forked_at, created_ms, updated_ms`;

export function runRowOf(columns: Record<string, unknown>): RunRow {
  const text = (name: string): string | undefined => {
    const value = columns[name];
    return typeof value === 'string' ? value : undefined;
  };
  const sessionId = text('session_id');
  const forkedFrom = text('forked_from');
  const reason = text('reason');
  const owner = text('owner');
  const cancelReason = text('cancel_reason');
  return {
    key: Number(columns['key']),
    run: {
      id: String(columns['id']),
      workflow: String(columns['workflow']),
      workflowRevision: String(columns['workflow_revision']),
      actor: String(columns['actor']),
      ...(sessionId === undefined ? {} : { sessionId }),
      input: JSON.parse(String(columns['input'])) as Json,
      budget: JSON.parse(String(columns['budget'])) as BudgetLimits,
      ...(forkedFrom === undefined
        ? {}
        : { forkedFrom: { runId: forkedFrom, atRow: Number(columns['forked_at']) } }),
    },
    status: String(columns['status']) as RunStatus,
    ...(reason === undefined ? {} : { reason: reason as SuspendReason }),
    ...(owner === undefined ? {} : { owner }),
    fence: Number(columns['fence']),
    ...(cancelReason === undefined ? {} : { cancelReason }),
    configFile: text('config_file'),
    project: String(columns['project']),
    programVersion: String(columns['program_version']),
    createdMs: Number(columns['created_ms']),
    updatedMs: Number(columns['updated_ms']),
  };
}
