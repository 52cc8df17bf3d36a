/** What a database of ours holds, and how it is told from others. */
export interface DatabaseSchema {
  /** Kept in the file's header (`PRAGMA application_id`) from the first migration on that the program makes. */
  readonly applicationId: number;
  /** Tables of the first version: a file without an application id is ours where it has them. */
  readonly tables: readonly string[];
  /** `migrations[n]` brings version n to n + 1. Only append: an entry that was released is never changed. */
  readonly migrations: readonly string[];
}
