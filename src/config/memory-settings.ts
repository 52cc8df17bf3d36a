/** What a config says of recall and remembering. */
export interface MemorySettings {
  readonly enabled: boolean;
  /** What recalled memories may cost a request at most, estimated. */
  readonly recallTokens: number;
  /** How long a memory server that runs may take. */
  readonly recallTimeoutMs: number;
  /** How long one may take that has to start first. */
  readonly startTimeoutMs: number;
}

export const DEFAULT_MEMORY: MemorySettings = {
  enabled: true,
  recallTokens: 800,
  recallTimeoutMs: 1_500,
  startTimeoutMs: 4_000,
};
