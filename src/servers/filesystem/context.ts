import type { ServerLog } from '../log.ts';
import type { Roots } from './roots.ts';

/** What every tool of this server works with. */
export interface FilesystemContext {
  readonly roots: Roots;
  readonly log: ServerLog;
}
