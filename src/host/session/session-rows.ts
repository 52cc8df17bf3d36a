/** The rows of `sessions`: how they are read, found and named. */
import { HostError } from '../../errors.ts';
import type { ModelMessage } from '../model/model.ts';
import type { State } from '../state.ts';
import type { SessionSummary } from './contract.ts';
import { looksLikeId } from '../short-id.ts';

const MAX_TITLE_LENGTH = 80;
const MAX_NAME_LENGTH = 100;

export const SUMMARY = `
  SELECT id, name, project, created_ms, updated_ms, model,
    (SELECT count(*) FROM session_runs WHERE session_id = id) AS run_count,
    (SELECT message FROM messages JOIN session_runs USING (session_id, run_id)
      WHERE session_id = sessions.id ORDER BY session_runs.ordinal, position LIMIT 1) AS first_message
  FROM sessions`;

type Row = Record<string, unknown>;

export function summaryOf(row: Row): SessionSummary {
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
  const said = parsed.content.find((part) => part.type === 'text' && part.origin === undefined);
  const line = (said?.type === 'text' ? said.text : '').replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_TITLE_LENGTH ? line : `${line.slice(0, MAX_TITLE_LENGTH - 1)}…`;
}

export function requireSession({ database }: State, id: string): Row {
  const row = database.prepare(`${SUMMARY} WHERE id = ?`).get(id);
  if (row === undefined) throw unknownSession(id);
  return row;
}

export function requireFreeName({ database }: State, name: string, own?: string): void {
  if (name.trim() === '' || name.length > MAX_NAME_LENGTH || /\p{Cc}/u.test(name) || looksLikeId(name)) {
    throw new HostError(
      'usage',
      `"${name}" cannot be the name of a session: a name has up to ${MAX_NAME_LENGTH} characters and cannot be taken for an id, which is a digit and up to 7 letters and digits behind it. Begin with a letter.`,
    );
  }
  const other = database.prepare('SELECT id FROM sessions WHERE name = ?').get(name);
  if (other !== undefined && other['id'] !== own)
    throw new HostError(
      'usage',
      `Session ${String(other['id'])} has the name "${name}" already. Take another.`,
    );
}

export function unknownSession(idOrName: string): HostError {
  return new HostError(
    'unknown-session',
    `There is no session "${idOrName}". "switchyard sessions --all" lists those that there are.`,
  );
}

export function ambiguous(begun: string, found: readonly SessionSummary[]): HostError {
  const ids = found.map(({ id, name }) => (name === undefined ? id : `${id} (${name})`)).join(', ');
  return new HostError(
    'unknown-session',
    `"${begun}" fits ${found.length} sessions: ${ids}. Write more of it.`,
  );
}
