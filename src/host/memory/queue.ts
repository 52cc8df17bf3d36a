/**
 * What is still to be remembered, in `state.db`: written when a run has ended, taken out when memory holds it. So neither a
 * host nor a memory server that dies on the way loses anything.
 */
import type { SQLOutputValue } from 'node:sqlite';

import { isJsonObject } from '../../json.ts';
import type { LogSink } from '../../registry/contract.ts';
import type { State } from '../state.ts';
import type { Exchange } from './exchange.ts';
import type { MemoryOperation } from './extract/operation.ts';

export type QueuedExchange = {
  readonly exchange: Exchange;
  /** What an earlier attempt found in it. */
  readonly operations?: readonly MemoryOperation[];
};

export interface MemoryQueue {
  add(exchange: Exchange): Promise<void>;
  /**
   * The oldest of a session, or of the runs without one, that no living process works on; it is this process's until it is
   * done or given back.
   */
  take(sessionId: string | undefined): Promise<QueuedExchange | undefined>;
  keepOperations(runId: string, operations: readonly MemoryOperation[]): Promise<void>;
  done(runId: string): Promise<void>;
  /** For another attempt; after so many it is given up, and false is returned. */
  giveBack(runId: string, options: { readonly wasTried: boolean }): Promise<boolean>;
  /** Whether anything of it waits. */
  holds(sessionId: string | undefined): Promise<boolean>;
}

export interface MemoryQueueOptions {
  readonly state: () => Promise<State>;
  /** The project whose memory it is for: another one has another memory. */
  readonly project: string;
  readonly log: LogSink;
}

const MOST_ATTEMPTS = 5;
const LONGEST_WORK_MS = 3_600_000;

export function createMemoryQueue({ state: open, project, log }: MemoryQueueOptions): MemoryQueue {
  return {
    async add(exchange) {
      const { database } = await open();
      database
        .prepare(
          'INSERT OR IGNORE INTO memory_queue (run_id, session_id, project, queued_ms, exchange) VALUES (?, ?, ?, ?, ?)',
        )
        .run(exchange.runId, exchange.sessionId ?? null, project, Date.now(), JSON.stringify(exchange));
    },

    async take(sessionId) {
      const state = await open();
      const { database } = state;
      return state.transaction(() => {
        const rows = database
          .prepare(
            'SELECT run_id, exchange, operations, worker_pid, taken_ms FROM memory_queue WHERE project = ? AND session_id IS ? ORDER BY queued_ms, rowid',
          )
          .all(project, sessionId ?? null);
        for (const row of rows) {
          const { run_id: runId, worker_pid: worker, taken_ms: taken } = row;
          if (worker !== null && isAtWork(Number(worker), Number(taken))) continue;
          const queued = queuedOf(row);
          if (queued !== undefined) {
            database
              .prepare(
                'UPDATE memory_queue SET worker_pid = ?, taken_ms = ?, attempts = attempts + 1 WHERE run_id = ?',
              )
              .run(process.pid, Date.now(), String(runId));
            return queued;
          }
          // It would be in the way of all that come after it.
          database.prepare('DELETE FROM memory_queue WHERE run_id = ?').run(String(runId));
          const fields = { reason: 'What was kept of the run for memory is damaged.' };
          log({ level: 'warn', component: 'memory', event: 'not-remembered', run: String(runId), fields });
        }
        return undefined;
      });
    },

    async keepOperations(runId, operations) {
      const { database } = await open();
      database
        .prepare('UPDATE memory_queue SET operations = ? WHERE run_id = ?')
        .run(JSON.stringify(operations), runId);
    },

    async done(runId) {
      const { database } = await open();
      database.prepare('DELETE FROM memory_queue WHERE run_id = ?').run(runId);
    },

    async giveBack(runId, { wasTried }) {
      const { database } = await open();
      database
        .prepare('UPDATE memory_queue SET worker_pid = NULL, attempts = attempts - ? WHERE run_id = ?')
        .run(wasTried ? 0 : 1, runId);
      const { changes } = database
        .prepare('DELETE FROM memory_queue WHERE run_id = ? AND attempts >= ?')
        .run(runId, MOST_ATTEMPTS);
      return Number(changes) === 0;
    },

    async holds(sessionId) {
      const { database } = await open();
      const select = database.prepare(
        'SELECT 1 FROM memory_queue WHERE project = ? AND session_id IS ? LIMIT 1',
      );
      return select.get(project, sessionId ?? null) !== undefined;
    },
  };
}

/** Undefined where the row is damaged. */
function queuedOf({ exchange, operations }: Record<string, SQLOutputValue>): QueuedExchange | undefined {
  const parsed = parsedOf(exchange);
  if (!isJsonObject(parsed) || TEXTS.some((name) => typeof parsed[name] !== 'string')) return undefined;
  const found = parsedOf(operations);
  return {
    exchange: parsed as unknown as Exchange,
    ...(Array.isArray(found) ? { operations: found as MemoryOperation[] } : {}),
  };
}

const TEXTS = ['runId', 'request', 'answer', 'requestedAt', 'answeredAt'] satisfies (keyof Exchange)[];

function parsedOf(text: SQLOutputValue | undefined): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** A process's number may be another's by now: nobody remembers for so long. */
function isAtWork(pid: number, takenMs: number): boolean {
  if (Date.now() - takenMs > LONGEST_WORK_MS) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
