import { createHash } from 'node:crypto';

/** The same for the same work, in whichever process it is asked for. */
export function derivedRunId(parts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `run_${hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')}`;
}
