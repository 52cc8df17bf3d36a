/** What a journal says of a run, in the order in which it happened. */
import { isJsonObject, type Json, jsonText } from '../../../json.ts';
import type { JournalRow, StepRow } from '../../engine/journal.ts';
import { readText, stepIdOf } from '../../engine/run-journal.ts';
import type { StoredEvent } from '../../event.ts';
import type { Usage } from '../../model/model.ts';
import { eventText } from './event-text.ts';

export type TimelineEntry = {
  /** Of the row in the journal: up to it a fork takes over. */
  readonly number: number;
  readonly type: JournalRow['type'];
  readonly path: string;
  readonly atMs: number;
  /** In one line, with the arguments of a tool. */
  readonly what: string;
  readonly durationMs?: number;
  readonly usage?: Usage;
  readonly costUsd?: number;
  /** What came of a step. */
  readonly outcome?: string;
  /** Whether it had its effect is not known. */
  readonly uncertain?: true;
};

/** `live`: a host is at work on it, and a call that was sent may be answered yet. */
export function timelineOf(
  rows: readonly JournalRow[],
  { live }: { readonly live: boolean },
): readonly TimelineEntry[] {
  const facts = factsOf(rows);
  return rows.flatMap((row, index): readonly TimelineEntry[] => {
    const number = index + 1;
    switch (row.type) {
      case 'step':
        return [{ number, type: row.type, path: row.path, ...stepEntry(row, facts) }];
      case 'claim':
        return facts.ended.has(placeOf(row)) ? [] : [openClaim(row, number, facts, live)];
      case 'event': {
        const what = eventText(row.event);
        const { path, at: atMs } = row.event;
        return what === undefined ? [] : [{ number, type: row.type, path, atMs, what }];
      }
      default:
        return row satisfies never;
    }
  });
}

type AskedCall = Extract<StoredEvent, { type: 'tool-call-start' | 'approval-request' }>;
type ModelEnd = Extract<StoredEvent, { type: 'model-end' | 'model-error' }>;

/** What events tell about steps, which stand before or behind them. */
interface Facts {
  /** By the path, on which there is one call. */
  readonly calls: ReadonlyMap<string, AskedCall>;
  readonly sent: ReadonlySet<string>;
  /** By the step. */
  readonly models: ReadonlyMap<string, ModelEnd>;
  /** Places of steps that came to an end. */
  readonly ended: ReadonlySet<string>;
}

function factsOf(rows: readonly JournalRow[]): Facts {
  const calls = new Map<string, AskedCall>();
  const models = new Map<string, ModelEnd>();
  const ended = new Set<string>();
  const sent = new Set<string>();
  for (const row of rows) {
    if (row.type === 'step') {
      ended.add(placeOf(row));
      if (row.name === CALL) sent.add(row.path);
    } else if (row.type === 'event') {
      const { event } = row;
      if (event.type === 'tool-call-start' || event.type === 'approval-request') calls.set(event.path, event);
      if (event.type === 'model-end' || event.type === 'model-error') models.set(event.step, event);
    }
  }
  return { calls, models, ended, sent };
}

/** Names of the steps of a call, of which the first gives the arguments and one sends them. */
const PREPARE = 'prepare';
const CALL = 'call';

function stepEntry(row: StepRow, facts: Facts): Omit<TimelineEntry, 'number' | 'type' | 'path'> {
  const { name, startedAtMs: atMs, durationMs } = row;
  const entry = { atMs, durationMs, what: stepText(row, facts) };
  if ('error' in row) return { ...entry, outcome: `failed: ${row.error.message}` };
  const model = facts.models.get(stepIdOf(row));
  if (model?.type === 'model-error') return { ...entry, outcome: `failed: ${model.failure.message}` };
  if (model) {
    const { usage, costUsd, message, stopReason } = model;
    const calls = message.content.filter((part) => part.type === 'tool-call').length;
    const asked = `asks for ${calls} ${calls === 1 ? 'call' : 'calls'}`;
    const outcome = calls === 0 ? stopReason : asked;
    return { ...entry, usage, ...(costUsd === undefined ? {} : { costUsd }), outcome };
  }
  return facts.calls.has(row.path) && name === CALL
    ? { ...entry, ...callOutcome(row) }
    : { ...entry, outcome: 'ok' };
}

function stepText(row: StepRow, { calls, models, sent }: Facts): string {
  const { name, path } = row;
  const model = models.get(stepIdOf(row));
  if (model) return `${name} ${model.type === 'model-end' ? model.model : ''}`.trim();
  const [, wait, signal = ''] = /^(wait(?:-until)?):(.*)$/s.exec(name) ?? [];
  const awaited = `wait for ${signal.replace(':', ' ')}`;
  if (wait === 'wait') return awaited;
  const isTime = wait !== undefined || name === 'sleep-until';
  const until = isTime && 'result' in row ? Number(readText(row.result)) : Number.NaN;
  if (Number.isFinite(until))
    return `${wait === undefined ? 'sleep' : awaited} until ${new Date(until).toISOString()}`;
  const call = calls.get(path);
  if (call === undefined) return name;
  const withArguments = name === CALL || (name === PREPARE && !sent.has(path));
  return `${name} ${call.name}${withArguments ? ` ${JSON.stringify(call.arguments)}` : ''}`;
}

function callOutcome(
  row: Extract<StepRow, { result: unknown }>,
): Pick<TimelineEntry, 'outcome' | 'uncertain'> {
  const called = JSON.parse(readText(row.result)) as Json;
  if (!isJsonObject(called)) return { outcome: 'ok' };
  const { type, cause, result } = called;
  if (type === 'input-required') return { outcome: 'the server asks for input' };
  const outcome = isJsonObject(result) ? result['outcome'] : undefined;
  if (type !== 'uncertain' && outcome !== 'uncertain') return { outcome: jsonText(outcome ?? 'ok') };
  return { outcome: `UNCERTAIN${typeof cause === 'string' ? ` (${cause})` : ''}`, uncertain: true };
}

function openClaim(
  row: Extract<JournalRow, { type: 'claim' }>,
  number: number,
  { calls }: Facts,
  live: boolean,
): TimelineEntry {
  const { path, name, atMs } = row;
  const call = calls.get(path);
  const what = call ? `${name} ${call.name} ${JSON.stringify(call.arguments)}` : name;
  const sent = { number, type: row.type, path, atMs, what } as const;
  if (live) return { ...sent, outcome: 'sent; no answer yet' };
  return { ...sent, outcome: 'UNCERTAIN: sent, no answer recorded', uncertain: true };
}

function placeOf({ path, ordinal }: { readonly path: string; readonly ordinal: number }): string {
  return `${path}\n${ordinal}`;
}
