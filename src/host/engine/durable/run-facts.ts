/** What a list tells of a run without reading all of its journal. */
import type { State } from '../../state.ts';
import type { RunRow } from './run-rows.ts';
import type { RunStore } from './run-store.ts';

/** Calls of which nobody knows whether they had their effect. */
export function uncertainCalls(
  { database, use }: State,
  { key }: Pick<RunRow, 'key'>,
  /** A live host may have its answer yet. */
  { live }: { readonly live: boolean },
): number {
  const row = use(() => database.prepare(UNCERTAIN).get({ run: key, live: live ? 1 : 0 }));
  return Number(row?.['count'] ?? 0);
}

/** Said to be so, or sent and never answered. */
const UNCERTAIN = `
  SELECT (SELECT count(*) FROM journal WHERE run = :run AND type = 'event' AND name = 'tool-call-end'
      AND json_extract(body, '$.outcome') = 'uncertain')
    + (SELECT count(*) FROM (SELECT DISTINCT path, ordinal FROM journal AS claimed
      WHERE run = :run AND NOT :live AND type = 'claim' AND NOT EXISTS (SELECT 1 FROM journal AS ended
        WHERE ended.run = :run AND ended.number > claimed.number AND ended.type = 'step'
          AND ended.path = claimed.path AND ended.ordinal = claimed.ordinal)
      -- A call that was cut off says it by itself.
      AND NOT EXISTS (SELECT 1 FROM journal AS told WHERE told.run = :run AND told.number > claimed.number
        AND told.type = 'event' AND told.name = 'tool-call-end' AND told.path = claimed.path
        AND json_extract(told.body, '$.outcome') = 'uncertain'))) AS count`;

/** How many things it asks a person. Of a run that has ended there may be some that nobody answered. */
export function questionCount({ database, use }: State, { key }: Pick<RunRow, 'key'>): number {
  const row = use(() => database.prepare(QUESTIONS).get(key));
  return Number(row?.['count'] ?? 0);
}

const QUESTIONS = `
  SELECT count(DISTINCT path) AS count FROM journal AS asked WHERE run = ? AND type = 'event' AND name = 'question'
    AND NOT EXISTS (SELECT 1 FROM journal AS answered WHERE answered.run = asked.run AND answered.path = asked.path
      AND answered.type = 'event' AND answered.name = 'question-answered')`;

/** Number of the last event that is stored of it. */
export function lastEventNumber({ database, use }: State, { key }: Pick<RunRow, 'key'>): number {
  const row = use(() =>
    database.prepare("SELECT count(*) AS count FROM journal WHERE run = ? AND type = 'event'").get(key),
  );
  return Number(row?.['count'] ?? 0);
}

/** Bytes that it takes: its journal, the files beside it, and its stored results. */
export function sizeOf(
  state: State,
  store: RunStore,
  { key, id }: { readonly key: number; readonly id: string },
): number {
  const row = state.use(() => state.database.prepare(SIZE).get({ run: key, id }));
  return Number(row?.['bytes'] ?? 0) + store.beside.sizeOf(id);
}

const SIZE = `
  SELECT (SELECT coalesce(sum(coalesce(octet_length(body), 0) + octet_length(path) + octet_length(name)), 0)
      FROM journal WHERE run = :run)
    + (SELECT coalesce(sum(size_bytes), 0) FROM results WHERE run_id = :id)
    + (SELECT octet_length(input) FROM runs WHERE key = :run) AS bytes`;
