/** A run as the commands tell of it. */
import { homeFolder } from '../../../config/environment.ts';
import { isJsonObject, type Json } from '../../../json.ts';
import { pendingApprovalsOf } from '../../approval/kept-approval.ts';
import { livePidOf } from '../../engine/durable/host-lock.ts';
import { resumeCommand } from '../../engine/durable/resume-command.ts';
import { questionCount, uncertainCalls } from '../../engine/durable/run-facts.ts';
import type { RunRow } from '../../engine/durable/run-rows.ts';
import type { SuspendReason } from '../../engine/engine.ts';
import { isEnded } from '../../engine/run-status.ts';
import type { State } from '../../state.ts';
import type { RunState } from '../runs-commands.ts';
import { oneLine } from '../terminal.ts';

export type RunSummary = {
  readonly id: string;
  /** The shortest beginning of it that finds it. */
  readonly shortId: string;
  readonly status: RunState;
  /** Why it is suspended. */
  readonly reason?: SuspendReason;
  readonly workflow: string;
  /** What was asked for, in one line. */
  readonly title: string;
  /** Of the host that has it. */
  readonly pid?: number;
  /** Calls that a person has to allow. */
  readonly approvals: readonly string[];
  /** How many things it asks a person. */
  readonly questions: number;
  /** How many calls may or may not have had their effect. */
  readonly uncertain: number;
  readonly project: string;
  readonly configFile?: string;
  readonly sessionId?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly forkedFrom?: { readonly runId: string; readonly atRow: number };
  /** The command that goes on with it. */
  readonly resume?: string;
};

const MAX_TITLE_LENGTH = 80;

export function summaryOf(row: RunRow, state: State, shortIds: ReadonlyMap<string, string>): RunSummary {
  const { run, reason, project, configFile, createdMs: createdAtMs, updatedMs: updatedAtMs } = row;
  const { id, workflow, sessionId, forkedFrom } = run;
  const pid = row.owner === undefined ? undefined : livePidOf(state, homeFolder(), row.owner);
  const status = row.status === 'running' && pid === undefined ? 'interrupted' : row.status;
  return {
    id,
    shortId: shortIds.get(id) ?? id,
    status,
    ...(reason === undefined ? {} : { reason }),
    workflow,
    title: oneLine(titleOf(run.input), MAX_TITLE_LENGTH),
    ...(pid === undefined ? {} : { pid }),
    approvals: pendingApprovalsOf(state, id),
    questions: isEnded(row.status) ? 0 : questionCount(state, row),
    uncertain: uncertainCalls(state, row, { live: pid !== undefined }),
    project,
    ...(configFile === undefined ? {} : { configFile }),
    ...(sessionId === undefined ? {} : { sessionId }),
    createdAtMs,
    updatedAtMs,
    ...(forkedFrom === undefined ? {} : { forkedFrom }),
    ...(canGoOn(status) ? { resume: resumeCommand(row, process.cwd()) } : {}),
  };
}

function titleOf(input: Json): string {
  const request = isJsonObject(input) ? input['request'] : undefined;
  return typeof request === 'string' ? request : JSON.stringify(input);
}

function canGoOn(status: RunState): boolean {
  return ['interrupted', 'waiting', 'suspended', 'stopped'].includes(status);
}

export function stateText({ shortId, status, reason, approvals, questions, pid }: RunSummary): string {
  if (approvals.length > 0 && (status === 'waiting' || status === 'running'))
    return `waiting for approval ${approvals.join(', ')}${pid === undefined ? '' : ` (process ${pid})`}`;
  if (questions > 0 && status === 'waiting') return `waiting for an answer: runs answer ${shortId}`;
  switch (status) {
    case 'running':
      return `running (process ${pid})`;
    case 'stopped':
      return 'stopped by a limit';
    case 'suspended':
      return `left: ${REASONS[reason ?? 'closing']}`;
    case 'interrupted':
    case 'waiting':
    case 'done':
    case 'failed':
    case 'cancelled':
      return status;
    default:
      return status satisfies never;
  }
}

const REASONS: Readonly<Record<SuspendReason, string>> = {
  waiting: 'it waits',
  unstarted: 'it has not begun',
  closing: 'its program ended',
  lost: 'another program took it over',
  'journal-unavailable': 'it could not be written down',
  mismatch: 'its workflow is another by now',
};

export function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
