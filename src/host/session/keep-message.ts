/** Writes one message of a run. The caller holds a transaction. */
import type { JsonObject } from '../../json.ts';
import type { AssistantPart, ModelMessage } from '../model/model.ts';
import type { State } from '../state.ts';
import type { MessagePlace } from './contract.ts';

type Redact = (value: JsonObject) => JsonObject;

export function beginRun(state: State, { sessionId, runId }: MessagePlace): void {
  const { changes } = state
    .prepared(`INSERT INTO session_runs (session_id, ordinal, run_id, started_ms)
       SELECT :session, coalesce((SELECT max(ordinal) FROM session_runs WHERE session_id = :session), 0) + 1, :run, :now
       WHERE EXISTS (SELECT 1 FROM sessions WHERE id = :session)
         AND NOT EXISTS (SELECT 1 FROM session_runs WHERE session_id = :session AND run_id = :run)`)
    .run({ session: sessionId, run: runId, now: Date.now() });
  if (Number(changes) > 0)
    state.prepared('UPDATE sessions SET updated_ms = ? WHERE id = ?').run(Date.now(), sessionId);
}

export function keepMessage(state: State, place: MessagePlace, message: ModelMessage, redact: Redact): void {
  const { sessionId, runId, position } = place;
  const known = state
    .prepared('SELECT 1 FROM messages WHERE session_id = ? AND run_id = ? AND position = ?')
    .get(sessionId, runId, position);
  // Results of a turn that broke off give way to all results of the run that went on with it.
  if (known !== undefined && message.role !== 'tool') return;
  const kept = maskedMessage(message, redact);
  state
    .prepared(
      'INSERT OR REPLACE INTO messages (session_id, run_id, position, at_ms, message) VALUES (?, ?, ?, ?, ?)',
    )
    .run(sessionId, runId, position, Date.now(), JSON.stringify(kept));
  if (message.role !== 'assistant') return;
  const insert = state.prepared(
    'INSERT OR IGNORE INTO tool_calls (session_id, run_id, position, call_id, name, arguments) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (const part of message.content) {
    if (part.type !== 'tool-call') continue;
    const sent = part.arguments === undefined ? part.invalidArguments : JSON.stringify(part.arguments);
    insert.run(sessionId, runId, position, part.callId, part.name, sent ?? '');
  }
}

/** Keeps what stands for everything that the session holds so far. The caller holds a transaction. */
export function keepView(
  state: State,
  sessionId: string,
  messages: readonly ModelMessage[],
  redact: Redact,
): void {
  state
    .prepared(`INSERT OR REPLACE INTO session_views (session_id, run_id, position, messages)
       SELECT session_id, run_id, max(position), :messages FROM messages
       WHERE session_id = :session AND run_id = (SELECT run_id FROM messages JOIN session_runs USING (session_id, run_id)
         WHERE session_id = :session ORDER BY session_runs.ordinal DESC LIMIT 1)
       GROUP BY run_id`)
    .run({
      session: sessionId,
      messages: messages.map((message) => JSON.stringify(maskedMessage(message, redact))).join('\n'),
    });
}

/** As it may stand outside of the table of arguments. */
function maskedMessage(message: ModelMessage, redact: Redact): ModelMessage {
  // A refusal may quote what a model wrote.
  if (message.role !== 'assistant') return redact(message) as ModelMessage;
  const content = message.content.map((part): AssistantPart => {
    if (part.type !== 'tool-call') return part;
    const { arguments: args, invalidArguments, ...rest } = part;
    const text = redact({ arguments: args ?? {}, invalidArguments: invalidArguments ?? '' });
    return {
      ...rest,
      ...(args === undefined ? {} : { arguments: text['arguments'] as JsonObject }),
      ...(invalidArguments === undefined ? {} : { invalidArguments: text['invalidArguments'] as string }),
    };
  });
  return { ...message, content };
}
