/** Sessions in `state.db`: a row a session, a row a run, a row a message. Many hosts write at the same time. */
import { HostError, messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { State } from '../state.ts';
import type { SessionDeletion, SessionLog, SessionRun, Sessions } from './contract.ts';
import { readHistory } from './histories.ts';
import { HistoryReader } from './history-reader.ts';
import { beginRun, keepMessage, keepView } from './keep-message.ts';
import { looksLikeId, newShortId } from '../short-id.ts';
import {
  ambiguous,
  requireFreeName,
  requireSession,
  SUMMARY,
  summaryOf,
  unknownSession,
} from './session-rows.ts';
import { readRuns } from './transcript.ts';

export interface SessionStoreOptions {
  /** Opened when a session is used for the first time. */
  readonly state: () => Promise<State>;
  /** The working folder, in which sessions are held unless they are created with another. */
  readonly project: string;
  /** Masks secrets in what is kept. */
  readonly redact: (value: JsonObject) => JsonObject;
  /** Removes what memory holds of a session; undefined where there is no memory. */
  readonly forget: (sessionId: string) => Promise<SessionDeletion['memory']>;
  /** Removes the files of results and journals whose rows are gone. */
  readonly sweepFiles: () => Promise<void>;
}

export function createSessionStore(options: SessionStoreOptions): Sessions & SessionLog {
  const { state: open, redact } = options;
  const histories = new HistoryReader();

  const use = async <Result>(work: (state: State) => Result): Promise<Result> => {
    const state = await open();
    return state.use(() => work(state));
  };
  const runsOf = (id: string): Promise<readonly SessionRun[]> =>
    use((state) => {
      requireSession(state, id);
      return readRuns(state, id);
    });

  return {
    async create({ name, project = options.project } = {}) {
      const state = await open();
      const id = newShortId();
      const now = Date.now();
      return state.transaction(() => {
        if (name !== undefined) requireFreeName(state, name);
        state.database
          .prepare('INSERT INTO sessions (id, name, project, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?)')
          .run(id, name ?? null, project, now, now);
        return summaryOf(requireSession(state, id));
      });
    },

    list: ({ project } = {}) =>
      use(({ database }) => {
        const where = project === undefined ? '' : 'WHERE project = ?';
        const statement = database.prepare(`${SUMMARY} ${where} ORDER BY updated_ms DESC, created_ms DESC`);
        return statement.all(...(project === undefined ? [] : [project])).map(summaryOf);
      }),

    get: (idOrName) =>
      use(({ database }) => {
        const exact = database.prepare(`${SUMMARY} WHERE name = ? OR id = ?`).all(idOrName, idOrName);
        const begun = looksLikeId(idOrName)
          ? database.prepare(`${SUMMARY} WHERE substr(id, 1, ?) = ?`).all(idOrName.length, idOrName)
          : [];
        const found = exact.length > 0 ? exact : begun;
        const [only] = found;
        if (only !== undefined && found.length === 1) return summaryOf(only);
        throw found.length === 0 ? unknownSession(idOrName) : ambiguous(idOrName, found.map(summaryOf));
      }),

    async rename(id, name) {
      const state = await open();
      state.transaction(() => {
        requireSession(state, id);
        requireFreeName(state, name, id);
        state.database.prepare('UPDATE sessions SET name = ? WHERE id = ?').run(name, id);
      });
    },

    transcript: runsOf,

    async delete(id, { erase = true } = {}) {
      const state = await open();
      state.use(() => requireSession(state, id));
      histories.forget(id);
      // First elsewhere: a session that is still listed can be deleted again.
      const memory = await options.forget(id);
      state.transaction(() => state.database.prepare('DELETE FROM sessions WHERE id = ?').run(id));
      await options.sweepFiles();
      const traces = erase ? await state.erase().then(() => undefined, messageOf) : undefined;
      return { ...(memory === undefined ? {} : { memory }), ...(traces === undefined ? {} : { traces }) };
    },

    async history(sessionId) {
      const state = await open();
      return state.transaction(() => histories.read(state, sessionId));
    },

    historyAt: (revision) =>
      use((state) => {
        const messages = readHistory(state, revision);
        if (messages) return messages;
        const text = 'What was said before this run is not kept any more: its conversation was deleted.';
        throw new HostError('history-unknown', text);
      }),

    async keepView(sessionId, messages) {
      const state = await open();
      state.transaction(() => keepView(state, sessionId, messages, redact));
    },

    async keep(place, message) {
      const state = await open();
      state.transaction(() => {
        beginRun(state, place);
        keepMessage(state, place, message, redact);
      });
    },

    async end({ sessionId, runId }, outcome, model) {
      const state = await open();
      state.transaction(() => {
        state
          .prepared('UPDATE session_runs SET outcome = ? WHERE session_id = ? AND run_id = ?')
          .run(outcome, sessionId, runId);
        state
          .prepared('UPDATE sessions SET updated_ms = ?, model = coalesce(?, model) WHERE id = ?')
          .run(Date.now(), model ?? null, sessionId);
      });
    },
  };
}
