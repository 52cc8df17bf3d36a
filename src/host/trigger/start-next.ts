/**
 * From an event to its run: the event is marked and the run is written down in one transaction, so that there is one run for an
 * event whatever dies when, and however many processes try.
 */
import { isDeepStrictEqual } from 'node:util';

import type { TriggerSettings } from '../../config/trigger-config.ts';
import type { JsonObject } from '../../json.ts';
import { derivedRunId } from '../engine/derived-run-id.ts';
import { insertRun, type RunPlace } from '../engine/durable/insert-run.ts';
import type { RunRecord } from '../engine/engine.ts';
import type { State } from '../state.ts';
import type { TriggerPlace } from './event-store.ts';
import type { TriggerEvent } from './source.ts';
import { pausedSince } from './trigger-state.ts';

/** Those that start a run together, the last one last. */
export type Events = readonly [TriggerEvent, ...TriggerEvent[]];

export type MadeRun = { readonly events: Events } & (
  | { readonly run: Omit<RunRecord, 'id'> }
  /** Why no run can be made of them. */
  | { readonly failure: string }
);

/** What was done, or what has to come first. */
export type NextStart =
  | { readonly type: 'started'; readonly runId: string; readonly events: readonly string[] }
  | { readonly type: 'skipped'; readonly events: readonly string[]; readonly reason: string }
  | { readonly type: 'failed'; readonly events: readonly string[]; readonly reason: string }
  /** Nothing waits, or it is paused. */
  | { readonly type: 'idle' }
  /** Of these events a run is to be made, and to be given as `made`. */
  | { readonly type: 'due'; readonly events: Events }
  /** Until a run has ended. */
  | { readonly type: 'blocked'; readonly runIds: readonly string[] }
  /** These have to be cancelled first. */
  | { readonly type: 'replace'; readonly runIds: readonly string[]; readonly event: string }
  | { readonly type: 'wait'; readonly untilMs: number; readonly why: 'debounce' | 'limit' };

export interface StartOptions {
  readonly place: TriggerPlace;
  readonly settings: TriggerSettings;
  readonly runPlace: RunPlace;
  /** What was made of events that were due. It counts only where the very same ones are due still. */
  readonly made?: MadeRun;
  readonly nowMs: number;
}

/** Starts the next run of a trigger where one is due. Throws the HostErrors of the store; then nothing was changed. */
export function startNext(state: State, options: StartOptions): NextStart {
  return state.transaction(() => decide(state, options));
}

const HOUR_MS = 3_600_000;
/** Events that keep coming start a run after so many times `debounceMs`. */
const MAX_DEBOUNCES = 10;

function decide(state: State, options: StartOptions): NextStart {
  const { place, settings, nowMs } = options;
  const pending = pendingEvents(state, place, settings);
  const [oldest] = pending;
  if (oldest === undefined || pausedSince(state, place) !== undefined) return { type: 'idle' };
  const debounce = debounceEndMs(pending, settings, nowMs);
  if (debounce > nowMs) return { type: 'wait', untilMs: debounce, why: 'debounce' };
  const open = openRuns(state, place);
  const { overlap, maxParallel } = settings;
  if (open.length > 0 && overlap === 'skip')
    return skip(state, pending, `run ${open.join(', ')} of the trigger was under way`, nowMs);
  if (open.length > 0 && overlap === 'replace')
    return { type: 'replace', runIds: open, event: pending.at(-1)?.event.id ?? oldest.event.id };
  if (open.length >= (overlap === 'parallel' ? maxParallel : 1)) return { type: 'blocked', runIds: open };
  const limited = limitEndMs(state, place, settings, nowMs);
  if (limited !== undefined && overlap === 'skip')
    return skip(state, pending, `${settings.maxRunsPerHour} runs were started within an hour`, nowMs);
  if (limited !== undefined) return { type: 'wait', untilMs: limited, why: 'limit' };
  const { group, passedOver } = choose(pending, oldest, settings);
  if (passedOver.length > 0) {
    const reason = `event ${group.at(-1)?.event.id ?? ''} came after it (overlap "replace")`;
    return skip(state, passedOver, reason, nowMs);
  }
  return start(state, group, options);
}

interface PendingEvent {
  readonly key: number;
  readonly receivedMs: number;
  readonly event: TriggerEvent;
}

type Group = readonly [PendingEvent, ...PendingEvent[]];

/** Which of them start a run together, and which start none because of it. */
function choose(
  pending: readonly PendingEvent[],
  oldest: PendingEvent,
  { debounceMs, overlap }: TriggerSettings,
): { readonly group: Group; readonly passedOver: readonly PendingEvent[] } {
  if (debounceMs > 0) return { group: [oldest, ...pending.slice(1)], passedOver: [] };
  if (overlap !== 'replace') return { group: [oldest], passedOver: [] };
  return { group: [pending.at(-1) ?? oldest], passedOver: pending.slice(0, -1) };
}

function start(state: State, group: Group, { place, runPlace, made, nowMs }: StartOptions): NextStart {
  const [first, ...others] = group;
  const due: Events = [first.event, ...others.map(({ event }) => event)];
  const events = due.map(({ id }) => id);
  if (made === undefined || !isDeepStrictEqual(made.events, due)) return { type: 'due', events: due };
  if ('failure' in made) {
    for (const { key } of group) settle(state, key, 'failed', made.failure, nowMs);
    return { type: 'failed', events, reason: made.failure };
  }
  const last = group.at(-1) ?? first;
  const id = derivedRunId(['trigger', place.configFile, place.trigger, last.event.id]);
  // One that is there already is that of this very event, which was forgotten meanwhile.
  const isAdded = insertRun(state, { id, ...made.run }, runPlace) !== undefined;
  const statement = state.database.prepare(
    `UPDATE trigger_events SET state = 'started', decided_ms = ?, run_id = ?, is_leading = ?, is_open = ? WHERE key = ?`,
  );
  for (const { key } of group) statement.run(nowMs, id, key === last.key ? 1 : 0, isAdded ? 1 : 0, key);
  return { type: 'started', runId: id, events };
}

function skip(
  state: State,
  pending: readonly PendingEvent[],
  reason: string,
  nowMs: number,
): Extract<NextStart, { type: 'skipped' }> {
  for (const { key } of pending) settle(state, key, 'skipped', reason, nowMs);
  return { type: 'skipped', events: pending.map(({ event }) => event.id), reason };
}

function settle(
  { database }: State,
  key: number,
  how: 'skipped' | 'failed',
  reason: string,
  nowMs: number,
): void {
  database
    .prepare('UPDATE trigger_events SET state = ?, reason = ?, decided_ms = ?, data = NULL WHERE key = ?')
    .run(how, reason, nowMs, key);
}

function pendingEvents(
  { database }: State,
  { configFile, trigger }: TriggerPlace,
  { maxQueued }: TriggerSettings,
): readonly PendingEvent[] {
  return database
    .prepare(
      `SELECT key, event_id, at_ms, received_ms, data FROM trigger_events
       WHERE config_file = ? AND trigger_name = ? AND state = 'pending' ORDER BY key LIMIT ?`,
    )
    .all(configFile, trigger, maxQueued)
    .map((row) => ({
      key: Number(row['key']),
      receivedMs: Number(row['received_ms']),
      event: {
        id: String(row['event_id']),
        atMs: Number(row['at_ms']),
        data: JSON.parse(String(row['data'])) as JsonObject,
      },
    }));
}

/** A clock that was set back holds nothing up for longer than it would have taken. */
function debounceEndMs(
  pending: readonly PendingEvent[],
  { debounceMs }: TriggerSettings,
  nowMs: number,
): number {
  if (debounceMs === 0) return nowMs;
  const received = pending.map(({ receivedMs }) => receivedMs);
  const end = Math.min(
    Math.max(...received) + debounceMs,
    Math.min(...received) + debounceMs * MAX_DEBOUNCES,
  );
  return Math.min(end, nowMs + debounceMs);
}

/** Undefined where one more may start. */
function limitEndMs(
  { database }: State,
  { configFile, trigger }: TriggerPlace,
  { maxRunsPerHour }: TriggerSettings,
  nowMs: number,
): number | undefined {
  const row = database
    .prepare(
      `SELECT decided_ms FROM trigger_events WHERE config_file = ? AND trigger_name = ? AND is_leading = 1 AND decided_ms > ?
       ORDER BY decided_ms DESC LIMIT 1 OFFSET ?`,
    )
    .get(configFile, trigger, nowMs - HOUR_MS, maxRunsPerHour - 1);
  return row === undefined ? undefined : Math.min(Number(row['decided_ms']), nowMs) + HOUR_MS;
}

function openRuns({ database }: State, { configFile, trigger }: TriggerPlace): readonly string[] {
  return database
    .prepare(
      'SELECT DISTINCT run_id FROM trigger_events WHERE config_file = ? AND trigger_name = ? AND is_open = 1 ORDER BY key',
    )
    .all(configFile, trigger)
    .map((row) => String(row['run_id']));
}
