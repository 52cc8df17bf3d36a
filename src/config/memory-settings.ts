import type { BudgetLimits } from '../host/context.ts';

/** What a config says of recall and remembering. */
export interface MemorySettings {
  readonly enabled: boolean;
  /** What recalled memories may cost a request at most, estimated. */
  readonly recallTokens: number;
  /** How long a memory server that runs may take. */
  readonly recallTimeoutMs: number;
  /** How long one may take that has to start first. */
  readonly startTimeoutMs: number;
  /** Who finds facts in what was said; undefined: the model `cheap` where there is one, else rules. */
  readonly extract?: 'model' | 'rules' | 'off';
  /** The limits of one background run that remembers. */
  readonly budget: Pick<BudgetLimits, 'maxTokens' | 'maxUsd' | 'timeoutMs'>;
}

export const DEFAULT_MEMORY: MemorySettings = {
  enabled: true,
  recallTokens: 800,
  recallTimeoutMs: 1_500,
  startTimeoutMs: 4_000,
  budget: { maxTokens: 20_000, timeoutMs: 60_000 },
};
