/** Events in `state.db`: written down before anybody is told that they were taken, and known again for as long as they are kept. */
import type { TriggerSettings } from '../../config/trigger-config.ts';
import type { JsonObject } from '../../json.ts';
import type { State } from '../state.ts';
import type { DeliverOptions, TriggerEvent, TriggerReceipt } from './source.ts';
import { pausedSince } from './trigger-state.ts';

/** Triggers are told apart by the config that they stand in. */
export interface TriggerPlace {
  readonly configFile: string;
  readonly trigger: string;
}

/** `started`: there is a run for it. `failed`: no run could be made of it. */
export type EventState = 'pending' | 'started' | 'skipped' | 'failed';

export type StoredEvent = {
  readonly id: string;
  readonly atMs: number;
  readonly receivedMs: number;
  readonly state: EventState;
  /** Why it was skipped or failed. */
  readonly reason?: string;
  readonly runId?: string;
};

export type Taken =
  | (TriggerReceipt & {
      /** Why something was skipped, for a person. */
      readonly skipped?: string;
    })
  /** Nothing was written. */
  | { readonly type: 'full'; readonly reason: string };

/**
 * Writes an event down, once: what was told before is a duplicate, whoever tells it. `data` has its secrets masked. Throws the
 * HostErrors of the store; then nothing was written.
 */
export function takeEvent(
  state: State,
  place: TriggerPlace,
  event: TriggerEvent,
  settings: Pick<TriggerSettings, 'maxQueued' | 'debounceMs'> & DeliverOptions,
  nowMs: number,
): Taken {
  return state.transaction(() => {
    const known = findEvent(state, place, event.id);
    if (known !== undefined)
      return { type: 'duplicate', ...(known.runId === undefined ? {} : { runId: known.runId }) };
    if (pausedSince(state, place) !== undefined) {
      insert(state, place, event, { state: 'skipped', reason: 'the trigger is paused' }, nowMs);
      return { type: 'paused' };
    }
    const waiting = pendingCount(state, place);
    const isFull = waiting >= settings.maxQueued;
    if (isFull && settings.debounceMs === 0) {
      const reason = `${waiting} events wait already, and more may not (maxQueued)`;
      if (settings.onFull === 'refuse') return { type: 'full', reason };
      insert(state, place, event, { state: 'skipped', reason }, nowMs);
      return { type: 'accepted', skipped: reason };
    }
    // Of events that become one run the last ones count.
    if (isFull) skipOldest(state, place, nowMs);
    insert(state, place, event, { state: 'pending' }, nowMs);
    return { type: 'accepted' };
  });
}

/** An event of which nothing comes, so that it can be read later what was left out. Known ones stay as they are. */
export function recordSkipped(
  state: State,
  place: TriggerPlace,
  event: TriggerEvent,
  reason: string,
  nowMs: number,
): void {
  state.transaction(() => {
    if (findEvent(state, place, event.id) === undefined)
      insert(state, place, event, { state: 'skipped', reason }, nowMs);
  });
}

export function findEvent(state: State, place: TriggerPlace, eventId: string): StoredEvent | undefined {
  const row = state.use(() =>
    state.database
      .prepare(
        `SELECT ${COLUMNS} FROM trigger_events WHERE config_file = ? AND trigger_name = ? AND event_id = ?`,
      )
      .get(place.configFile, place.trigger, eventId),
  );
  return row === undefined ? undefined : eventOf(row);
}

/** The run that was started last; undefined where none was. */
export function lastRunOf(state: State, { configFile, trigger }: TriggerPlace): string | undefined {
  const row = state.use(() =>
    state.database
      .prepare(
        `SELECT run_id FROM trigger_events WHERE config_file = ? AND trigger_name = ? AND is_leading = 1
         ORDER BY decided_ms DESC, key DESC LIMIT 1`,
      )
      .get(configFile, trigger),
  );
  return row === undefined ? undefined : String(row['run_id']);
}

/** The latest first. */
export function listEvents(state: State, place: TriggerPlace, limit: number): readonly StoredEvent[] {
  return state.use(() =>
    state.database
      .prepare(
        `SELECT ${COLUMNS} FROM trigger_events WHERE config_file = ? AND trigger_name = ? ORDER BY key DESC LIMIT ?`,
      )
      .all(place.configFile, place.trigger, limit)
      .map(eventOf),
  );
}

/** The triggers of a config with events that wait. */
export function waitingTriggers(state: State, configFile: string): readonly string[] {
  return state.use(() =>
    state.database
      .prepare(
        "SELECT DISTINCT trigger_name AS name FROM trigger_events WHERE config_file = ? AND state = 'pending'",
      )
      .all(configFile)
      .map(({ name }) => String(name)),
  );
}

/** Runs of triggers of a config that have not ended. */
export function openTriggerRuns(
  state: State,
  configFile: string,
): readonly { readonly trigger: string; readonly runId: string }[] {
  return state.use(() =>
    state.database
      .prepare(
        'SELECT DISTINCT trigger_name, run_id FROM trigger_events WHERE config_file = ? AND is_open = 1',
      )
      .all(configFile)
      .map((row) => ({ trigger: String(row['trigger_name']), runId: String(row['run_id']) })),
  );
}

export function pendingCount(state: State, { configFile, trigger }: TriggerPlace): number {
  const row = state.use(() =>
    state.database
      .prepare(
        "SELECT count(*) AS count FROM trigger_events WHERE config_file = ? AND trigger_name = ? AND state = 'pending'",
      )
      .get(configFile, trigger),
  );
  return Number(row?.['count'] ?? 0);
}

/** Forgets events that are dealt with and older; an event of the same id would start a run again. Returns how many. */
export function forgetEvents(state: State, olderThanMs: number): number {
  const { changes } = state.use(() =>
    state.database
      .prepare("DELETE FROM trigger_events WHERE received_ms < ? AND state <> 'pending' AND is_open = 0")
      .run(olderThanMs),
  );
  return Number(changes);
}

const COLUMNS = 'event_id, at_ms, received_ms, state, reason, run_id';

function eventOf(row: Readonly<Record<string, unknown>>): StoredEvent {
  const { reason, run_id: runId } = row;
  return {
    id: String(row['event_id']),
    atMs: Number(row['at_ms']),
    receivedMs: Number(row['received_ms']),
    state: String(row['state']) as EventState,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof runId === 'string' ? { runId } : {}),
  };
}

function insert(
  { database }: State,
  { configFile, trigger }: TriggerPlace,
  { id, atMs, data }: TriggerEvent,
  { state, reason }: { readonly state: EventState; readonly reason?: string },
  nowMs: number,
): void {
  database
    .prepare(
      `INSERT INTO trigger_events (config_file, trigger_name, event_id, at_ms, received_ms, data, state, reason, decided_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      configFile,
      trigger,
      id,
      Math.trunc(atMs),
      nowMs,
      // A flood of what starts nothing takes no room.
      state === 'pending' ? JSON.stringify(data satisfies JsonObject) : null,
      state,
      reason ?? null,
      state === 'pending' ? null : nowMs,
    );
}

function skipOldest({ database }: State, { configFile, trigger }: TriggerPlace, nowMs: number): void {
  database
    .prepare(
      `UPDATE trigger_events SET state = 'skipped', reason = ?, decided_ms = ?, data = NULL WHERE key =
         (SELECT min(key) FROM trigger_events WHERE config_file = ? AND trigger_name = ? AND state = 'pending')`,
    )
    .run('more events came within debounceMs than may wait (maxQueued)', nowMs, configFile, trigger);
}
