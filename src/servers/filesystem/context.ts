import type { ServerLog } from '../log.ts';
import type { Roots } from './roots.ts';

/** What every tool of this server works with. */
export interface FilesystemContext {
  readonly roots: Roots;
  readonly log: ServerLog;
}

/** Nothing that these tools do leaves this machine. */
export const READ_ONLY = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;
