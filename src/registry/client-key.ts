/** For which client of ours something is asked of a server. Types only. */
export interface ClientKey {
  /** Of the client: servers with `isolation: "session"` have a connection of their own for each. */
  readonly session: string;
  /**
   * Who is asked where a server does not say for which call it asks: one owner's calls may be taken for one another, those
   * of two never. The session where it is left out.
   */
  readonly owner?: string;
}
