/** A run as its client is told of it, from what is kept. */
import { isJsonObject } from '../../json.ts';
import { approvalOf, pendingApprovalsOf } from '../approval/kept-approval.ts';
import { livePidOf } from '../engine/durable/host-lock.ts';
import { resumeCommand } from '../engine/durable/resume-command.ts';
import type { RunRow } from '../engine/durable/run-rows.ts';
import type { RunStore } from '../engine/durable/run-store.ts';
import { totalsOf } from '../engine/cancel-left-run.ts';
import { isEnded } from '../engine/run-status.ts';
import type { StoredEvent } from '../event.ts';
import { howToGoOn } from '../how-to-go-on.ts';
import { openQuestions } from '../person/question.ts';
import type { State } from '../state.ts';
import type { OpenApproval, RunView, RunViewStatus } from './contract.ts';

export interface ViewOptions {
  readonly state: State;
  readonly store: RunStore;
  readonly homeFolder: string;
  /** The working folder. */
  readonly project: string;
  readonly isTakenUpHere: (row: RunRow) => boolean;
  readonly redact: (value: OpenApproval) => OpenApproval;
}

export function viewOf(row: RunRow, options: ViewOptions): RunView {
  const { state, store } = options;
  const { run, reason, createdMs, updatedMs } = row;
  const status = statusOf(row, options);
  const isLeft = status === 'interrupted' || status === 'waiting' || status === 'suspended';
  const events = store.events(row).map(({ event }) => event);
  const end = isEnded(row.status) || row.status === 'stopped' ? events.findLast(isRunEnd) : undefined;
  const { output, error, achieved } = end ?? {};
  const totals = end?.totals ?? totalsOf(events.map((event) => ({ type: 'event', event })));
  const reached = row.status === 'stopped' ? events.findLast(isLimitReached) : undefined;
  const command = resumeCommand(row, options.project);
  return {
    id: run.id,
    status,
    ...(reason === undefined ? {} : { reason }),
    request: requestOf(row),
    ...(run.sessionId === undefined ? {} : { sessionId: run.sessionId }),
    createdMs,
    updatedMs,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    ...(achieved === undefined ? {} : { achieved }),
    ...(reached === undefined ? {} : { goOn: howToGoOn(reached, totals, command) }),
    lastEvent: events.at(-1)?.number ?? 0,
    totals,
    approvals: pendingApprovalsOf(state, run.id).flatMap((id) => openApproval(id, row, options) ?? []),
    questions: isEnded(row.status) ? [] : openQuestions(events).map(({ message }) => message),
    isTakenUpHere: isLeft && options.isTakenUpHere(row),
    ...(isLeft ? { resume: command } : {}),
  };
}

/** Undefined where it is decided, or no approval of this run. */
export function openApproval(
  id: string,
  { run }: Pick<RunRow, 'run'>,
  { state, redact }: Pick<ViewOptions, 'state' | 'redact'>,
): OpenApproval | undefined {
  const kept = state.use(() => approvalOf(state, id));
  if (kept === undefined || kept.runId !== run.id || kept.state !== 'pending' || kept.expiresMs <= Date.now())
    return undefined;
  const { tool, server, title, destructive, reason, diff, arguments: args, expiresMs } = kept;
  return redact({
    id,
    tool,
    server,
    title,
    destructive,
    ...(reason === undefined ? {} : { reason }),
    ...(diff === undefined ? {} : { diff }),
    arguments: args,
    expiresMs,
  });
}

export function statusOf(
  { status, owner }: Pick<RunRow, 'status' | 'owner'>,
  { state, homeFolder }: Pick<ViewOptions, 'state' | 'homeFolder'>,
): RunViewStatus {
  if (status !== 'running' || owner === undefined) return status;
  return livePidOf(state, homeFolder, owner) === undefined ? 'interrupted' : status;
}

type RunEnd = Extract<StoredEvent, { type: 'run-end' }>;

function isRunEnd(event: StoredEvent): event is RunEnd {
  return event.type === 'run-end';
}

function isLimitReached(event: StoredEvent): event is Extract<StoredEvent, { type: 'limit-reached' }> {
  return event.type === 'limit-reached';
}

function requestOf({ run: { input } }: RunRow): string {
  if (typeof input === 'string') return input;
  const request = isJsonObject(input) ? input['request'] : undefined;
  return typeof request === 'string' ? request : JSON.stringify(input);
}
