/** What is known of clients' tokens. Types only. */
export interface ClientTokenRow {
  readonly name: string;
  readonly createdMs: number;
  readonly expiresMs?: number;
  /** Written now and then, so that it may be some minutes behind. */
  readonly lastUsedMs?: number;
}

export type TokenCheck =
  | { readonly type: 'valid'; readonly name: string; readonly id: string }
  | { readonly type: 'expired'; readonly name: string }
  | { readonly type: 'unknown' };

/** All throw the HostErrors `store-…`. What other processes add and revoke counts at once. */
export interface ClientTokens {
  check(token: string): TokenCheck;
  /** Whether the token of this id is neither revoked nor expired. */
  isGood(id: string): boolean;
  /** Whether there is any, and any that is not expired. */
  known(): { readonly any: boolean; readonly valid: boolean };
}
