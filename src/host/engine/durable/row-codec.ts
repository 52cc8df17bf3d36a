/** Rows of a journal as they stand in the table `journal`. */
import type { Json, JsonObject } from '../../../json.ts';
import type { EventError, StoredEvent } from '../../event.ts';
import type { JournalRow } from '../journal.ts';
import { readText } from '../run-journal.ts';

export type EncodedRow = {
  readonly type: JournalRow['type'];
  readonly path: string;
  /** Of an event: its ordinal on its path, null where it is of a step or of the engine. */
  readonly ordinal: number | null;
  /** Of an event: its type. */
  readonly name: string;
  readonly body: string;
  readonly failed: 0 | 1;
  readonly atMs: number;
  readonly durationMs: number | null;
};

export function encodeRow(row: JournalRow): EncodedRow {
  switch (row.type) {
    case 'step': {
      const { path, ordinal, name, startedAtMs: atMs, durationMs } = row;
      const failed = 'error' in row;
      const body = failed ? JSON.stringify(row.error) : readText(row.result);
      return { type: 'step', path, ordinal, name, body, failed: failed ? 1 : 0, atMs, durationMs };
    }
    case 'claim': {
      const { path, ordinal, name, claim, atMs } = row;
      return {
        type: 'claim',
        path,
        ordinal,
        name,
        body: JSON.stringify(claim),
        failed: 0,
        atMs,
        durationMs: null,
      };
    }
    case 'event': {
      const { runId: _run, path, at, ...event } = row.event;
      return {
        type: 'event',
        path,
        ordinal: row.place?.ordinal ?? null,
        name: row.event.type,
        body: JSON.stringify(event),
        failed: 0,
        atMs: at,
        durationMs: null,
      };
    }
    default:
      return row satisfies never;
  }
}

type Columns = Record<string, unknown>;

/** `readBeside` reads the body of a row that has none. */
export function decodeRow(
  runId: string,
  columns: Columns,
  readBeside: (number: number) => string,
): JournalRow {
  const path = String(columns['path']);
  const name = String(columns['name']);
  const { body, ordinal } = columns;
  const text = (): string => (typeof body === 'string' ? body : readBeside(Number(columns['number'])));
  const atMs = Number(columns['at_ms']);
  const place = { path, ordinal: Number(ordinal), name };
  switch (columns['type'] as JournalRow['type']) {
    case 'step': {
      const times = { startedAtMs: atMs, durationMs: Number(columns['duration_ms']) };
      if (columns['failed'] === 1)
        return { type: 'step', ...place, ...times, error: JSON.parse(text()) as EventError };
      return { type: 'step', ...place, ...times, result: typeof body === 'string' ? body : text };
    }
    case 'claim':
      return { type: 'claim', ...place, claim: JSON.parse(text()) as JsonObject, atMs };
    case 'event': {
      const event = JSON.parse(text()) as { readonly [key: string]: Json };
      const stored = { ...event, runId, path, at: atMs } as unknown as StoredEvent;
      return {
        type: 'event',
        event: stored,
        ...(ordinal === null ? {} : { place: { path, ordinal: Number(ordinal) } }),
      };
    }
    default:
      throw new Error(
        `The journal of ${runId} has a row of the unknown type ${JSON.stringify(columns['type'])}.`,
      );
  }
}
