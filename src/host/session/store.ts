/** Sessions in `state.db`: a row a session, a row a run, a row a message. Many hosts write at the same time. */
import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { RunOutcomeType } from '../event.ts';
import type { AssistantPart, ModelMessage } from '../model/model.ts';
import type { State } from '../state.ts';
import type {
  MessagePlace,
  SessionDeletion,
  SessionLog,
  SessionRun,
  Sessions,
  SessionSummary,
} from './contract.ts';
import { historyOf } from './history.ts';
import { looksLikeId, newSessionId } from './session-id.ts';
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
  /** Removes the files of results whose rows are gone. */
  readonly sweepResults: () => Promise<void>;
}

const MAX_TITLE_LENGTH = 80;
const MAX_NAME_LENGTH = 100;

export function createSessionStore(options: SessionStoreOptions): Sessions & SessionLog {
  const { state: open, redact } = options;

  const runsOf = async (id: string): Promise<readonly SessionRun[]> => {
    const state = await open();
    requireSession(state, id);
    return readRuns(state, id);
  };

  return {
    async create({ name, project = options.project } = {}) {
      const state = await open();
      const id = newSessionId();
      const now = Date.now();
      state.transaction(() => {
        if (name !== undefined) requireFreeName(state, name);
        state.database
          .prepare('INSERT INTO sessions (id, name, project, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?)')
          .run(id, name ?? null, project, now, now);
      });
      return summaryOf(requireSession(state, id));
    },

    async list({ project } = {}) {
      const { database } = await open();
      const where = project === undefined ? '' : 'WHERE project = ?';
      const statement = database.prepare(`${SUMMARY} ${where} ORDER BY updated_ms DESC, created_ms DESC`);
      return statement.all(...(project === undefined ? [] : [project])).map(summaryOf);
    },

    async get(idOrName) {
      const { database } = await open();
      const exact = database.prepare(`${SUMMARY} WHERE name = ? OR id = ?`).all(idOrName, idOrName);
      const begun = looksLikeId(idOrName)
        ? database.prepare(`${SUMMARY} WHERE substr(id, 1, ?) = ?`).all(idOrName.length, idOrName)
        : [];
      const found = exact.length > 0 ? exact : begun;
      const [only] = found;
      if (only !== undefined && found.length === 1) return summaryOf(only);
      throw found.length === 0 ? unknownSession(idOrName) : ambiguous(idOrName, found.map(summaryOf));
    },

    async rename(id, name) {
      const state = await open();
      state.transaction(() => {
        requireSession(state, id);
        requireFreeName(state, name, id);
        state.database.prepare('UPDATE sessions SET name = ? WHERE id = ?').run(name, id);
      });
    },

    transcript: runsOf,

    async delete(id) {
      const state = await open();
      requireSession(state, id);
      // First elsewhere: a session that is still listed can be deleted again.
      const memory = await options.forget(id);
      state.database.prepare('DELETE FROM sessions WHERE id = ?').run(id);
      await options.sweepResults();
      // What was deleted is overwritten in the file; the write-ahead log would still hold it.
      state.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return memory === undefined ? {} : { memory };
    },

    async history(sessionId) {
      return historyOf(await runsOf(sessionId));
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
        state.database
          .prepare('UPDATE session_runs SET outcome = ? WHERE session_id = ? AND run_id = ?')
          .run(outcome, sessionId, runId);
        state.database
          .prepare('UPDATE sessions SET updated_ms = ?, model = coalesce(?, model) WHERE id = ?')
          .run(Date.now(), model ?? null, sessionId);
      });
    },
  };
}

const SUMMARY = `
  SELECT id, name, project, created_ms, updated_ms, model,
    (SELECT count(*) FROM session_runs WHERE session_id = id) AS run_count,
    (SELECT message FROM messages JOIN session_runs USING (session_id, run_id)
      WHERE session_id = sessions.id ORDER BY session_runs.ordinal, position LIMIT 1) AS first_message
  FROM sessions`;

type Row = Record<string, unknown>;

function summaryOf(row: Row): SessionSummary {
  const { name, model } = row;
  return {
    id: String(row['id']),
    ...(typeof name === 'string' ? { name } : {}),
    project: String(row['project']),
    createdAtMs: Number(row['created_ms']),
    updatedAtMs: Number(row['updated_ms']),
    ...(typeof model === 'string' ? { model } : {}),
    runCount: Number(row['run_count']),
    title: titleOf(row['first_message']),
  };
}

function titleOf(message: unknown): string {
  if (typeof message !== 'string') return '';
  let parsed: ModelMessage;
  try {
    parsed = JSON.parse(message) as ModelMessage;
  } catch {
    return '(damaged)';
  }
  if (parsed.role !== 'user') return '';
  const said = parsed.content.find((part) => part.type === 'text');
  const line = (said?.type === 'text' ? said.text : '').replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_TITLE_LENGTH ? line : `${line.slice(0, MAX_TITLE_LENGTH - 1)}…`;
}

function beginRun({ database }: State, { sessionId, runId }: MessagePlace): void {
  const { changes } = database
    .prepare(
      `INSERT INTO session_runs (session_id, ordinal, run_id, started_ms)
       SELECT :session, coalesce((SELECT max(ordinal) FROM session_runs WHERE session_id = :session), 0) + 1, :run, :now
       WHERE EXISTS (SELECT 1 FROM sessions WHERE id = :session)
         AND NOT EXISTS (SELECT 1 FROM session_runs WHERE session_id = :session AND run_id = :run)`,
    )
    .run({ session: sessionId, run: runId, now: Date.now() });
  if (Number(changes) > 0)
    database.prepare('UPDATE sessions SET updated_ms = ? WHERE id = ?').run(Date.now(), sessionId);
}

function keepMessage(
  { database }: State,
  place: MessagePlace,
  message: ModelMessage,
  redact: SessionStoreOptions['redact'],
): void {
  const { sessionId, runId, position } = place;
  const known = database
    .prepare('SELECT 1 FROM messages WHERE session_id = ? AND run_id = ? AND position = ?')
    .get(sessionId, runId, position);
  if (known !== undefined) return;
  const kept = message.role === 'assistant' ? { ...message, content: message.content.map(masked) } : message;
  database
    .prepare('INSERT INTO messages (session_id, run_id, position, at_ms, message) VALUES (?, ?, ?, ?, ?)')
    .run(sessionId, runId, position, Date.now(), JSON.stringify(kept));
  if (message.role !== 'assistant') return;
  const insert = database.prepare(
    'INSERT OR IGNORE INTO tool_calls (session_id, run_id, position, call_id, name, arguments) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (const part of message.content) {
    if (part.type !== 'tool-call') continue;
    const sent = part.arguments === undefined ? part.invalidArguments : JSON.stringify(part.arguments);
    insert.run(sessionId, runId, position, part.callId, part.name, sent ?? '');
  }

  function masked(part: AssistantPart): AssistantPart {
    if (part.type !== 'tool-call') return part;
    const { arguments: args, invalidArguments, ...rest } = part;
    const text = redact({ arguments: args ?? {}, invalidArguments: invalidArguments ?? '' });
    return {
      ...rest,
      ...(args === undefined ? {} : { arguments: text['arguments'] as JsonObject }),
      ...(invalidArguments === undefined ? {} : { invalidArguments: text['invalidArguments'] as string }),
    };
  }
}

function requireSession({ database }: State, id: string): Row {
  const row = database.prepare(`${SUMMARY} WHERE id = ?`).get(id);
  if (row === undefined) throw unknownSession(id);
  return row;
}

function requireFreeName({ database }: State, name: string, own?: string): void {
  if (name.trim() === '' || name.length > MAX_NAME_LENGTH || /\p{Cc}/u.test(name) || looksLikeId(name)) {
    throw new HostError(
      'usage',
      `"${name}" cannot be the name of a session: a name has up to ${MAX_NAME_LENGTH} characters and cannot be taken for an id, which has up to 8 letters and digits. Add a hyphen or a word.`,
    );
  }
  const other = database.prepare('SELECT id FROM sessions WHERE name = ?').get(name);
  if (other !== undefined && other['id'] !== own)
    throw new HostError(
      'usage',
      `Session ${String(other['id'])} has the name "${name}" already. Take another.`,
    );
}

function unknownSession(idOrName: string): HostError {
  return new HostError(
    'unknown-session',
    `There is no session "${idOrName}". "switchyard sessions --all" lists those that there are.`,
  );
}

function ambiguous(begun: string, found: readonly SessionSummary[]): HostError {
  const ids = found.map(({ id, name }) => (name === undefined ? id : `${id} (${name})`)).join(', ');
  return new HostError(
    'unknown-session',
    `"${begun}" fits ${found.length} sessions: ${ids}. Write more of it.`,
  );
}
