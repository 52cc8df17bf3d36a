import { HostError, messageOf } from '../errors.ts';
import type { Client } from './client.ts';

/** What would become of a client's config. */
export interface PlannedChange {
  readonly file: string;
  /** Undefined: there is no such file. */
  readonly before: string | undefined;
  /** Equal to `before` where nothing is to be done; undefined where the file goes away. */
  readonly after: string | undefined;
  /** Rejects with a HostError, and then nothing has changed. */
  apply(): Promise<Applied>;
}

export interface Applied {
  /** Where a copy of the file lies, as it was. */
  readonly backup?: string;
}

export function leftAlone({ title }: Client, file: string, reason: string): HostError {
  return new HostError('client-config', `${title}'s ${file} is left as it is: ${reason}.`);
}

export function unwritable(file: string, cause: unknown): HostError {
  if (cause instanceof HostError) return cause;
  const message = `${file} cannot be written: ${messageOf(cause)}. Nothing was changed.`;
  return new HostError('client-config', message, { cause });
}
