/** What may be asked of a provider, or of one model, by all runs of a program together. */
export type RequestLimits = {
  /** Answers that are under way at the same time. */
  readonly maxConcurrent?: number;
  readonly requestsPerMinute?: number;
  /** Input and output, caches included. */
  readonly tokensPerMinute?: number;
};
