import type { DatabaseSync } from 'node:sqlite';

/** SQLite's own default is 0, which loses writes as soon as two processes write. */
export const BUSY_TIMEOUT_MS = 10_000;

/** Runs `work` with another time to wait for a lock; the whole process waits. */
export function withBusyTimeout<Result>(
  database: DatabaseSync,
  timeoutMs: number,
  work: () => Result,
): Result {
  database.exec(`PRAGMA busy_timeout = ${timeoutMs}`);
  try {
    return work();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}
