/** One prepared insert in a transaction of its own: the least that a journaled step can cost on this disk. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Synchronous } from './open-engine.ts';
import { smallResult } from './workflows.ts';

export async function bareInserts(
  folder: string,
  { count, synchronous }: { readonly count: number; readonly synchronous: Synchronous },
): Promise<number[]> {
  const database = new DatabaseSync(join(folder, 'bare.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
  database.exec(
    'CREATE TABLE step (number INTEGER PRIMARY KEY, name TEXT NOT NULL, body TEXT NOT NULL) STRICT',
  );
  const insert = database.prepare('INSERT INTO step (number, name, body) VALUES (?, ?, ?)');
  const took: number[] = [];
  for (let step = 0; step < count; step += 1) {
    const started = performance.now();
    await nextTurn();
    insert.run(step, 'work', JSON.stringify(smallResult(step)));
    took.push(performance.now() - started);
  }
  database.close();
  return took;
}
