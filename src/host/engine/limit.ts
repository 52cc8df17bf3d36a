import { HostError } from '../../errors.ts';
import type { LimitName } from '../event.ts';

/** What is thrown to end a run as `stopped`. */
export function limitReached(limit: LimitName, message: string): HostError {
  return new HostError('limit-reached', message, { data: { limit } });
}
