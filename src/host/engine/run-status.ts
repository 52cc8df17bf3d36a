import { HostError } from '../../errors.ts';
import type { RunStatus } from './engine.ts';

/** One that a limit stopped can go on with a higher one. */
export function isEnded(status: RunStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled';
}

export function runEnded(runId: string, status: RunStatus): HostError {
  return new HostError(
    'run-ended',
    `Run ${runId} has ended (${status}). Its journal can be replayed, and a fork of it can go on from any of its steps.`,
    { data: { status } },
  );
}
