import { HostError } from '../../errors.ts';
import type { ReachedLimit } from '../event.ts';

/** What is thrown to end a run, or the branch whose limit it is, as `stopped`. */
export function limitReached({ message, ...reached }: ReachedLimit): HostError {
  return new HostError('limit-reached', message, { data: reached });
}

/** Of an error `limit-reached`. */
export function reachedLimit({ message, data }: HostError): ReachedLimit {
  return { ...(data as Omit<ReachedLimit, 'message'>), message };
}
