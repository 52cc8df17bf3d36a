/** Runs that are kept: what goes with one that is deleted, which ones are deleted by age and size, and which can go on. */
import { HostError, messageOf } from '../errors.ts';
import { livePidOf } from './engine/durable/host-lock.ts';
import { lastEventNumber, sizeOf } from './engine/durable/run-facts.ts';
import { RunStore } from './engine/durable/run-store.ts';
import type { SessionDeletion, Sessions } from './session/contract.ts';
import { sweepHistories } from './session/histories.ts';
import type { State } from './state.ts';

export interface RunArchiveOptions {
  readonly state: () => Promise<State>;
  readonly homeFolder: string;
  readonly sessions: Pick<Sessions, 'delete'>;
  /** Removes the files of results whose rows are gone. */
  readonly sweepResults: () => Promise<void>;
}

export type RunLimits = {
  /** How long ago it ended at most. */
  readonly maxAgeMs?: number;
  /** Of all runs together, those that have not ended included. */
  readonly maxBytes?: number;
};

export type RunDeletion = {
  readonly runs: readonly string[];
  /** Of which no run is left, and what became of their parts elsewhere. */
  readonly sessions: readonly ({ readonly id: string } & SessionDeletion)[];
  /** Why traces of what was deleted may still be in `state.db`. */
  readonly traces?: string;
};

export interface RunArchive {
  /**
   * Deletes runs for good, with their journals, results, and parts of sessions; a session of which nothing is left goes
   * too. Without `erase` the file keeps its size, and SQLite uses the room again.
   * Rejects with HostError `unknown-run`, and `run-owned` where a live host has one; then none is deleted.
   */
  delete(runIds: readonly string[], options?: { readonly erase?: boolean }): Promise<RunDeletion>;
  /** Runs that have ended and are beyond the limits, the oldest first. */
  beyond(limits: RunLimits): Promise<readonly { readonly id: string; readonly sizeBytes: number }[]>;
  /** The last run of a session, where it was cut off and nobody works on it. */
  cutOff(sessionId: string): Promise<CutOffRun | undefined>;
  /** Removes files beside the journals of runs that there are no more. */
  sweep(): Promise<void>;
}

export type CutOffRun = {
  readonly id: string;
  /** Of the first event that comes when it goes on. */
  readonly nextEvent: number;
};

export function createRunArchive(options: RunArchiveOptions): RunArchive {
  const { homeFolder, sessions } = options;
  const open = async (): Promise<{ readonly state: State; readonly store: RunStore }> => {
    const state = await options.state();
    return { state, store: new RunStore(state, homeFolder) };
  };
  const sweep = async (): Promise<void> => {
    const { state, store } = await open();
    const known = state.database.prepare('SELECT 1 FROM runs WHERE id = ?');
    store.beside.sweep((runId) => known.get(runId) !== undefined);
  };

  return {
    async delete(runIds, { erase = true } = {}) {
      const { state, store } = await open();
      const touched = new Set<string>();
      const deleted = state.transaction(() => {
        const ids = [...new Set(runIds)].map((id) => {
          const { key, run, owner } = store.get(id);
          const pid = owner === undefined ? undefined : livePidOf(state, homeFolder, owner);
          if (pid !== undefined) throw stillOwned(run.id, pid);
          if (run.sessionId !== undefined) touched.add(run.sessionId);
          state.database.prepare('DELETE FROM runs WHERE key = ?').run(key);
          return run.id;
        });
        sweepHistories(state);
        return ids;
      });
      const gone = [];
      for (const id of touched)
        if (isEmptySession(state, id)) gone.push({ id, ...(await sessions.delete(id, { erase: false })) });
      await options.sweepResults();
      await sweep();
      const traces = erase ? await state.erase().then(() => undefined, messageOf) : undefined;
      return { runs: deleted, sessions: gone, ...(traces === undefined ? {} : { traces }) };
    },

    async beyond({ maxAgeMs, maxBytes }) {
      const { state, store } = await open();
      const oldestMs = maxAgeMs === undefined ? Number.NEGATIVE_INFINITY : Date.now() - maxAgeMs;
      const all = state
        .use(() => state.database.prepare(BY_AGE).all())
        .map((row) => ({
          id: String(row['id']),
          key: Number(row['key']),
          hasEnded: row['ended'] === 1,
          isOld: Number(row['updated_ms']) < oldestMs,
        }))
        // Without a limit of size nobody needs to know that of the others.
        .filter(({ isOld }) => isOld || maxBytes !== undefined)
        .map((run) => ({ ...run, sizeBytes: sizeOf(state, store, run) }));
      let left = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const beyond = [];
      for (const { id, sizeBytes, hasEnded, isOld } of all) {
        if (!hasEnded || !(isOld || left > (maxBytes ?? Number.POSITIVE_INFINITY))) continue;
        left -= sizeBytes;
        beyond.push({ id, sizeBytes });
      }
      return beyond;
    },

    async cutOff(sessionId) {
      const { state, store } = await open();
      const last = store.list({ sessionId }).find(({ run }) => run.workflow !== COMPACT);
      if (last === undefined || !['running', 'waiting', 'suspended'].includes(last.status)) return undefined;
      if (last.owner !== undefined && livePidOf(state, homeFolder, last.owner) !== undefined)
        return undefined;
      return { id: last.run.id, nextEvent: lastEventNumber(state, last) + 1 };
    },

    sweep,
  };
}

/** Nobody asked for it as a request. */
const COMPACT = 'compact';

const BY_AGE = `SELECT key, id, updated_ms, status IN ('done', 'failed', 'stopped', 'cancelled') AS ended
  FROM runs ORDER BY updated_ms, key`;

function isEmptySession({ database, use }: State, id: string): boolean {
  const row = use(() =>
    database
      .prepare(
        'SELECT EXISTS (SELECT 1 FROM session_runs WHERE session_id = sessions.id) AS used FROM sessions WHERE id = ?',
      )
      .get(id),
  );
  return row?.['used'] === 0;
}

function stillOwned(runId: string, pid: number): HostError {
  return new HostError(
    'run-owned',
    `Run ${runId} is being worked on by process ${pid}; nothing was deleted. To end it: switchyard runs cancel ${runId}`,
    { data: { pid } },
  );
}
