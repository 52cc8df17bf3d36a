/** What a source saw last, in `state.db`, so that a restart starts nothing twice and what happened meanwhile is seen. */
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { State } from '../state.ts';

/** Of one trigger. Every method throws, or rejects with, the HostErrors of the store. */
export interface SourceMemory {
  all(): ReadonlyMap<string, string>;
  /** Undefined forgets a key. Many are written in parts, and what was written by then is kept where a part fails. */
  put(entries: readonly (readonly [key: string, value: string | undefined])[]): Promise<void>;
}

export interface MemoryOf {
  readonly configFile: string;
  readonly trigger: string;
}

/** How many are written before other work has its turn. */
const AT_ONCE = 500;

export function createSourceMemory(state: State, { configFile, trigger }: MemoryOf): SourceMemory {
  const { database } = state;
  return {
    all() {
      const rows = state.use(() =>
        database
          .prepare('SELECT key, value FROM trigger_memory WHERE config_file = ? AND trigger_name = ?')
          .all(configFile, trigger),
      );
      return new Map(rows.map(({ key, value }) => [String(key), String(value)]));
    },
    async put(entries) {
      for (let from = 0; from < entries.length; from += AT_ONCE) {
        if (from > 0) await nextTurn();
        state.transaction(() => {
          const write = database.prepare(
            `INSERT INTO trigger_memory (config_file, trigger_name, key, value) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET value = excluded.value`,
          );
          const forget = database.prepare(
            'DELETE FROM trigger_memory WHERE config_file = ? AND trigger_name = ? AND key = ?',
          );
          for (const [key, value] of entries.slice(from, from + AT_ONCE))
            if (value === undefined) forget.run(configFile, trigger, key);
            else write.run(configFile, trigger, key, value);
        });
      }
    },
  };
}
