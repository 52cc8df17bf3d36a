/** Limits that count over several runs, whichever process works on them. */
export interface SpendingLimits {
  /** All runs of a day. */
  readonly perDay?: SpendingAmounts;
  /** All runs of one conversation, however long it goes on. */
  readonly perSession?: SpendingAmounts;
  /** All runs of a day on behalf of one client of the gateway. */
  readonly perClient?: SpendingAmounts;
  /** In which days begin, an IANA name; that of the machine where it is left out. */
  readonly timeZone?: string;
}

export interface SpendingAmounts {
  readonly maxUsd?: number;
  readonly maxTokens?: number;
  readonly maxTurns?: number;
  readonly maxToolCalls?: number;
}
