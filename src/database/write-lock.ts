/** One writer among all processes. The kernel frees the lock when its holder dies, however it dies. */
import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

import { isBusy, storeFailure } from './failure.ts';

const RETRY_INTERVAL_MS = 50;

/**
 * Waits, without blocking this process, until no other holds `file`, then runs `work`. Rejects with the signal's reason
 * when it aborts before that. `work` must not ask for the same lock.
 */
export async function withWriteLock<Result>(
  file: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  using lock = openLock(file);
  while (!acquire(lock, file)) {
    // The wait ends with an error of its own; the reason is the signal's.
    await wait(RETRY_INTERVAL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    lock.exec('ROLLBACK');
  }
}

/** Holds `file` until it is disposed of, or until this process ends, however it ends; undefined where another holds it. */
export function tryHold(file: string): Disposable | undefined {
  const lock = openLock(file);
  if (acquire(lock, file)) return lock;
  lock.close();
  return undefined;
}

function openLock(file: string): DatabaseSync {
  try {
    const lock = new DatabaseSync(file, { timeout: 0 });
    if (process.platform !== 'win32') chmodSync(file, 0o600);
    return lock;
  } catch (error) {
    throw storeFailure(error, file);
  }
}

function acquire(lock: DatabaseSync, file: string): boolean {
  try {
    lock.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw storeFailure(error, file);
  }
}
