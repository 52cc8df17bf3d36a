/** Reads what was kept of a session. A message that cannot be read is counted, and the rest of the session stands. */
import { isJsonObject, jsonText } from '../../json.ts';
import type { RunOutcomeType } from '../event.ts';
import type { ModelMessage } from '../model/model.ts';
import type { State } from '../state.ts';
import type { SessionRun, TranscriptMessage } from './contract.ts';

/** What stands for everything up to a message of a run, and for that message. */
export interface View {
  readonly runId: string;
  readonly position: number;
  readonly messages: readonly ModelMessage[];
  /** As it is kept. */
  readonly text: string;
}

export interface ReadOptions {
  /** Leaves out what it stands for. */
  readonly view?: View | undefined;
  /** Leaves out the runs up to this one, by their order. */
  readonly behind?: number | undefined;
}

export function readRuns(
  state: State,
  sessionId: string,
  { view, behind = 0 }: ReadOptions = {},
): readonly SessionRun[] {
  const runs = state
    .prepared(`SELECT run_id, started_ms, outcome FROM session_runs WHERE session_id = :session AND ordinal > :behind AND ordinal >=
      coalesce((SELECT ordinal FROM session_runs WHERE session_id = :session AND run_id = :view), 0) ORDER BY ordinal`)
    .all({ session: sessionId, behind, view: view?.runId ?? null });
  const messages = state.prepared(
    'SELECT at_ms, message FROM messages WHERE session_id = ? AND run_id = ? AND position > ? ORDER BY position',
  );
  return runs.map((row) => {
    const { run_id: runId, started_ms: startedAtMs, outcome } = row;
    const rows = messages.all(sessionId, String(runId), runId === view?.runId ? (view?.position ?? -1) : -1);
    const readable = rows.flatMap((message): TranscriptMessage[] => {
      const parsed = messageOf(String(message['message']));
      return parsed === undefined ? [] : [{ atMs: Number(message['at_ms']), message: parsed }];
    });
    return {
      runId: String(runId),
      startedAtMs: Number(startedAtMs),
      ...(isOutcome(outcome) ? { outcome } : {}),
      messages: readable,
      damaged: rows.length - readable.length,
    };
  });
}

const OUTCOMES: readonly string[] = ['done', 'failed', 'stopped', 'cancelled'] satisfies RunOutcomeType[];

function isOutcome(value: unknown): value is RunOutcomeType {
  return typeof value === 'string' && OUTCOMES.includes(value);
}

/** Undefined where there is none, or where it is damaged: the transcript says everything. */
export function readView(state: State, sessionId: string): View | undefined {
  const row = state
    .prepared('SELECT run_id, position, messages FROM session_views WHERE session_id = ?')
    .get(sessionId);
  if (row === undefined) return undefined;
  const text = String(row['messages']);
  const lines = text.split('\n');
  const messages = lines.map(messageOf).filter((message) => message !== undefined);
  if (messages.length !== lines.length) return undefined;
  return { runId: String(row['run_id']), position: Number(row['position']), messages, text };
}

/** Undefined where the row is damaged: no JSON, or no message. */
function messageOf(text: string): ModelMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const parts = value['role'] === 'tool' ? value['results'] : value['content'];
  const isMessage = ['user', 'assistant', 'tool'].includes(jsonText(value['role'])) && Array.isArray(parts);
  return isMessage && parts.every(isJsonObject) ? (value as unknown as ModelMessage) : undefined;
}
