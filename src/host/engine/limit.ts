import { HostError } from '../../errors.ts';
import type { LimitName } from '../event.ts';

/** What is thrown to end a run, or the branch whose limit it is, as `stopped`. */
export function limitReached(limit: LimitName, message: string, branch?: string): HostError {
  return new HostError('limit-reached', message, {
    data: { limit, ...(branch === undefined ? {} : { branch }) },
  });
}
