/** The thread of row-watcher.ts: it does nothing but look, and act. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

import type { Trap } from './row-watcher.ts';

/** Between two looks: the host that is watched needs a processor too. */
const PAUSE_MS = 0.1;

const { stateFile, stop } = workerData as { readonly stateFile: string; readonly stop: Int32Array };
const database = new DatabaseSync(stateFile, { readOnly: true, timeout: 10_000 });
const locking = new DatabaseSync(stateFile, { timeout: 10_000 });
const count = database.prepare(`
  SELECT count(*) AS rows FROM journal
  WHERE run = (SELECT min(key) FROM runs WHERE key > ?) AND type = coalesce(?, type) AND name = coalesce(?, name)`);

parentPort?.on('message', (question: Trap | 'unlock') => {
  if (question === 'unlock') {
    locking.exec('ROLLBACK');
    parentPort?.postMessage(true);
    return;
  }
  parentPort?.postMessage(wait(question) && act(question.action));
});

/** Whether it has come to that before it was disarmed. */
function wait({ afterKey, count: wanted, type = null, name = null }: TrapColumns): boolean {
  while (Atomics.load(stop, 0) === 0) {
    if (Number(count.get(afterKey, type, name)?.['rows']) >= wanted) return true;
    Atomics.wait(stop, 0, 0, PAUSE_MS);
  }
  return false;
}

type TrapColumns = Pick<Trap, 'afterKey' | 'count'> & {
  readonly type?: string | null;
  readonly name?: string | null;
};

function act(action: Trap['action']): boolean {
  if (action === 'lock') {
    locking.exec('BEGIN IMMEDIATE');
    return true;
  }
  try {
    process.kill(action.kill, 'SIGKILL');
    return true;
  } catch {
    // It has ended by itself.
    return false;
  }
}
