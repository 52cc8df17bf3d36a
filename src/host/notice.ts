import type { JsonObject } from '../json.ts';

/** A fact about the host itself that belongs to no run. Shown by whoever shows runs, and written to the log. */
export type HostNotice = {
  readonly type: 'config-applied' | 'config-rejected' | 'config-waits';
  readonly level: 'info' | 'warn';
  /** For a person; may have several lines. */
  readonly message: string;
  readonly data: JsonObject;
};
