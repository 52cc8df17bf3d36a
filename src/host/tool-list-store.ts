import type { ToolList } from './context.ts';
import type { State } from './state.ts';
import type { ToolListStore } from './tool-call/tool-lists.ts';

/** In the table `tool_lists`. */
export function createToolListStore(state: () => Promise<State>): ToolListStore {
  const kept = new Set<string>();
  return {
    async keep(list) {
      if (kept.has(list.revision)) return;
      const { database, use } = await state();
      use(() =>
        database
          .prepare('INSERT OR IGNORE INTO tool_lists (revision, list, created_ms) VALUES (?, ?, ?)')
          .run(list.revision, JSON.stringify(list), Date.now()),
      );
      kept.add(list.revision);
    },
    async get(revision) {
      const { database, use } = await state();
      const row = use(() => database.prepare('SELECT list FROM tool_lists WHERE revision = ?').get(revision));
      return row === undefined ? undefined : (JSON.parse(String(row['list'])) as ToolList);
    },
  };
}
