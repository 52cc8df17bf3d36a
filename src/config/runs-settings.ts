/** What `runs` of the config comes to. */
export interface RunsSettings {
  /** How far what is written to `state.db` has come when writing returns: to the operating system, or to the disk. */
  readonly synchronous: 'normal' | 'full';
  /** How long a call that waits for a person may be answered, and the answer be used. */
  readonly approvalHours: number;
}

export const DEFAULT_RUNS: RunsSettings = { synchronous: 'normal', approvalHours: 24 };
