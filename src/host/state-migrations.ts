/** What `state.db` holds: `[n]` brings version n to n + 1. Appended to, and never changed once it has been released. */
import { APPROVALS } from './state-migration/approvals.ts';
import { CLIENT_TOKENS } from './state-migration/client-tokens.ts';
import { HISTORIES } from './state-migration/histories.ts';
import { MEMORY_QUEUE } from './state-migration/memory-queue.ts';
import { MEMORY_QUEUE_TAKEN } from './state-migration/memory-queue-taken.ts';
import { PARTS_OF_RUNS } from './state-migration/parts-of-runs.ts';
import { RUNS } from './state-migration/runs.ts';
import { SESSIONS } from './state-migration/sessions.ts';
import { SPENDING } from './state-migration/spending.ts';
import { TOOL_LISTS } from './state-migration/tool-lists.ts';
import { TRIGGER_MEMORY } from './state-migration/trigger-memory.ts';
import { TRIGGERS } from './state-migration/triggers.ts';

export const STATE_MIGRATIONS: readonly string[] = [
  SESSIONS,
  MEMORY_QUEUE,
  MEMORY_QUEUE_TAKEN,
  RUNS,
  TOOL_LISTS,
  APPROVALS,
  PARTS_OF_RUNS,
  HISTORIES,
  CLIENT_TOKENS,
  TRIGGERS,
  TRIGGER_MEMORY,
  SPENDING,
];
