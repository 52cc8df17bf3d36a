/** Reads what was kept of a session. A message that cannot be read is counted, and the rest of the session stands. */
import { isJsonObject, jsonText } from '../../json.ts';
import type { RunOutcomeType } from '../event.ts';
import type { ModelMessage } from '../model/model.ts';
import type { State } from '../state.ts';
import type { SessionRun, TranscriptMessage } from './contract.ts';

/** The last message that is left out, and with it all before. */
export interface TranscriptPlace {
  readonly runId: string;
  readonly position: number;
}

export function readRuns(
  { database }: State,
  sessionId: string,
  after?: TranscriptPlace,
): readonly SessionRun[] {
  const runs = database
    .prepare(
      `SELECT run_id, started_ms, outcome FROM session_runs WHERE session_id = :session AND ordinal >=
        coalesce((SELECT ordinal FROM session_runs WHERE session_id = :session AND run_id = :after), 0) ORDER BY ordinal`,
    )
    .all({ session: sessionId, after: after?.runId ?? null });
  const messages = database.prepare(
    'SELECT at_ms, message FROM messages WHERE session_id = ? AND run_id = ? AND position > ? ORDER BY position',
  );
  return runs.map((row) => {
    const { run_id: runId, started_ms: startedAtMs, outcome } = row;
    const rows = messages.all(
      sessionId,
      String(runId),
      runId === after?.runId ? (after?.position ?? -1) : -1,
    );
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

/** A reduced view; undefined where there is none, or where it is damaged: the transcript says everything. */
export function readView(
  { database }: State,
  sessionId: string,
): (TranscriptPlace & { readonly messages: readonly ModelMessage[] }) | undefined {
  const row = database
    .prepare('SELECT run_id, position, messages FROM session_views WHERE session_id = ?')
    .get(sessionId);
  if (row === undefined) return undefined;
  const lines = String(row['messages']).split('\n');
  const messages = lines.map(messageOf).filter((message) => message !== undefined);
  if (messages.length !== lines.length) return undefined;
  return { runId: String(row['run_id']), position: Number(row['position']), messages };
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
