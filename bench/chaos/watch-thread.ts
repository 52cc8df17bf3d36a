/** The thread of row-watcher.ts: it does nothing but look. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

import type { Trap } from './row-watcher.ts';

/** Between two looks: the host that is watched needs a processor too. */
const PAUSE_MS = 0.1;

const { stateFile, stop } = workerData as { readonly stateFile: string; readonly stop: Int32Array };
const database = new DatabaseSync(stateFile, { readOnly: true, timeout: 10_000 });
const count = database.prepare(`
  SELECT count(*) AS rows FROM journal
  WHERE run = (SELECT min(key) FROM runs WHERE key > ?) AND (type = ? OR ? IS NULL)`);

parentPort?.on('message', ({ pid, afterKey, count: wanted, type: rowType }: Trap) => {
  const type = rowType ?? null;
  while (Atomics.load(stop, 0) === 0) {
    if (Number(count.get(afterKey, type, type)?.['rows']) >= wanted) {
      parentPort?.postMessage(kill(pid));
      return;
    }
    Atomics.wait(stop, 0, 0, PAUSE_MS);
  }
  parentPort?.postMessage(false);
});

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    // It has ended by itself.
    return false;
  }
}
