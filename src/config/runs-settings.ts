/** What `runs` of the config comes to. */
export interface RunsSettings {
  /** How far what is written to `state.db` has come when writing returns: to the operating system, or to the disk. */
  readonly synchronous: 'normal' | 'full';
}

export const DEFAULT_RUNS: RunsSettings = { synchronous: 'normal' };
