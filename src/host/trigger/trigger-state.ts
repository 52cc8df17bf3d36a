/** What is kept of a trigger besides its events: whether it is paused, and how far its schedule is dealt with. */
import type { State } from '../state.ts';
import type { TriggerPlace } from './event-store.ts';

/** When it was paused; undefined where it is not. */
export function pausedSince(state: State, place: TriggerPlace): number | undefined {
  const pausedMs = read(state, place)?.['paused_ms'];
  return typeof pausedMs === 'number' ? pausedMs : undefined;
}

/** Events that come while it is paused are skipped; those that waited before go on waiting. */
export function setPaused(state: State, place: TriggerPlace, pausedMs: number | undefined): void {
  write(state, place, { pausedMs: pausedMs ?? null });
}

export type ScheduleProgress = {
  /** The schedule that it is about, as one text. */
  readonly schedule: string;
  /** Up to when its times are dealt with. */
  readonly dealtWithMs: number;
};

export function scheduleProgress(state: State, place: TriggerPlace): ScheduleProgress | undefined {
  const row = read(state, place);
  const schedule = row?.['schedule'];
  const dealtWithMs = row?.['dealt_with_ms'];
  return typeof schedule === 'string' && typeof dealtWithMs === 'number'
    ? { schedule, dealtWithMs }
    : undefined;
}

export function setScheduleProgress(state: State, place: TriggerPlace, progress: ScheduleProgress): void {
  write(state, place, progress);
}

function read(state: State, { configFile, trigger }: TriggerPlace): Record<string, unknown> | undefined {
  return state.use(() =>
    state.database
      .prepare('SELECT * FROM trigger_states WHERE config_file = ? AND trigger_name = ?')
      .get(configFile, trigger),
  );
}

function write(
  state: State,
  { configFile, trigger }: TriggerPlace,
  change: { readonly pausedMs: number | null } | ScheduleProgress,
): void {
  state.transaction(() => {
    state.database
      .prepare(
        'INSERT INTO trigger_states (config_file, trigger_name) VALUES (?, ?) ON CONFLICT (config_file, trigger_name) DO NOTHING',
      )
      .run(configFile, trigger);
    const [columns, values] =
      'schedule' in change
        ? ['schedule = ?, dealt_with_ms = ?', [change.schedule, Math.trunc(change.dealtWithMs)]]
        : ['paused_ms = ?', [change.pausedMs]];
    state.database
      .prepare(`UPDATE trigger_states SET ${columns} WHERE config_file = ? AND trigger_name = ?`)
      .run(...values, configFile, trigger);
  });
}
