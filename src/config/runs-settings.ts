/** What `runs` of the config comes to. */
export interface RunsSettings {
  /** How far what is written to `state.db` has come when writing returns: to the operating system, or to the disk. */
  readonly synchronous: 'normal' | 'full';
  /** How long a call that waits for a person may be answered, and the answer be used. */
  readonly approvalHours: number;
  /** Runs that ended longer ago are deleted; undefined keeps them. */
  readonly keepDays?: number;
  /** Beyond this size of all runs together the oldest that have ended are deleted. */
  readonly maxBytes?: number;
}

export const DEFAULT_RUNS: RunsSettings = { synchronous: 'normal', approvalHours: 24 };
