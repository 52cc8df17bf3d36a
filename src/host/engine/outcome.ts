/** How a run ends, as its caller, its journal and its last event are told. */
import { HostError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { Achieved, EventError, ReachedLimit, RunOutcomeType, StoredEvent } from '../event.ts';
import { achievedOf } from './achieved.ts';
import type { RegisteredWorkflow, RunOutcome, SuspendReason } from './engine.ts';
import type { RunClose } from './journal.ts';
import { reachedLimit } from './limit.ts';

/** What is thrown to leave a run that is not over. */
export function suspended(reason: SuspendReason, message: string): HostError {
  return new HostError('suspended', message, { data: { reason } });
}

export type Failure =
  | { readonly type: 'failed'; readonly error: EventError }
  | ({ readonly type: 'stopped' } & ReachedLimit)
  | { readonly type: 'cancelled'; readonly message: string }
  | { readonly type: 'suspended'; readonly reason: SuspendReason; readonly message: string };

export function outcomeOfFailure(error: HostError): Failure {
  const { code, message, data } = error;
  switch (code) {
    case 'limit-reached':
      return { type: 'stopped', ...reachedLimit(error) };
    case 'cancelled':
      return { type: 'cancelled', message };
    case 'suspended':
      return { type: 'suspended', reason: (data as { readonly reason: SuspendReason }).reason, message };
    case 'run-lost':
      return { type: 'suspended', reason: 'lost', message };
    case 'journal-unavailable':
      return { type: 'suspended', reason: 'journal-unavailable', message };
    case 'journal-mismatch':
      return { type: 'suspended', reason: 'mismatch', message };
    default:
      return { type: 'failed', error: toEventError(error) };
  }
}

/** A failure as the outcome of a run that has told this. */
export function withAchieved(
  failure: Failure,
  about: Pick<RunOutcome, 'runId' | 'totals'>,
  events: readonly StoredEvent[],
): Exclude<RunOutcome<never>, { type: 'done' }> {
  return failure.type === 'stopped'
    ? { ...failure, achieved: achievedOf(events), ...about }
    : { ...failure, ...about };
}

/** What `run-end` says of an outcome. */
export function endOf<Output extends Json>(
  outcome: Exclude<RunOutcome<Output>, { type: 'suspended' }>,
  workflow: Pick<RegisteredWorkflow<Json, Output>, 'told'>,
): {
  outcome: RunOutcomeType;
  output?: Json;
  error?: EventError;
  achieved?: Achieved;
} {
  switch (outcome.type) {
    case 'done':
      return { outcome: 'done', output: workflow.told ? workflow.told(outcome.output) : outcome.output };
    case 'failed':
      return { outcome: 'failed', error: outcome.error };
    case 'stopped':
      return {
        outcome: 'stopped',
        error: { code: 'limit-reached', message: outcome.message },
        achieved: outcome.achieved,
      };
    case 'cancelled':
      return { outcome: 'cancelled', error: { code: 'cancelled', message: outcome.message } };
    default:
      return outcome satisfies never;
  }
}

export function closeOf(outcome: RunOutcome): RunClose {
  if (outcome.type !== 'suspended') return { status: outcome.type };
  const { reason } = outcome;
  return { status: reason === 'waiting' ? 'waiting' : 'suspended', reason };
}

export function toEventError(error: HostError): EventError {
  return {
    code: error.code,
    message: error.message,
    ...(error.data === undefined ? {} : { data: error.data }),
  };
}

export function fromEventError(error: EventError): HostError {
  return new HostError(error.code, error.message, error.data === undefined ? {} : { data: error.data });
}
