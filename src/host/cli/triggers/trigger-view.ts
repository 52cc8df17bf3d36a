/** A trigger as the commands tell of it. */
import { homeFolder } from '../../../config/environment.ts';
import { machineTimeZone } from '../../../config/time-zone.ts';
import { kindOf, type TriggerConfig, type TriggerKind } from '../../../config/trigger-config.ts';
import { HostError } from '../../../errors.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import { lastRunOf, listEvents, pendingCount, type StoredEvent } from '../../trigger/event-store.ts';
import { pausedSince } from '../../trigger/trigger-state.ts';
import { type RunSummary, summaryOf } from '../runs/summary.ts';
import type { OpenedTriggers } from './open-triggers.ts';

export type TriggerView = {
  readonly name: string;
  readonly kind: TriggerKind;
  readonly workflow: string;
  readonly description?: string;
  readonly pausedAtMs?: number;
  /** Of a schedule that is not paused. */
  readonly nextAtMs?: number;
  /** Events for which no run has started yet. */
  readonly waiting: number;
  readonly lastEvent?: StoredEvent;
  /** Absent where none was started, or it was deleted. */
  readonly lastRun?: RunSummary;
};

export async function viewOf(
  name: string,
  config: TriggerConfig,
  { state, place }: OpenedTriggers,
): Promise<TriggerView> {
  const pausedAtMs = pausedSince(state, place(name));
  const nextAtMs = pausedAtMs === undefined ? await nextOf(config) : undefined;
  const [lastEvent] = listEvents(state, place(name), 1);
  const runId = lastRunOf(state, place(name));
  const lastRun = runId === undefined ? undefined : summaryOfRun(runId, state);
  return {
    name,
    kind: kindOf(config),
    workflow: config.workflow,
    ...(config.description === undefined ? {} : { description: config.description }),
    ...(pausedAtMs === undefined ? {} : { pausedAtMs }),
    ...(nextAtMs === undefined ? {} : { nextAtMs }),
    waiting: pendingCount(state, place(name)),
    ...(lastEvent === undefined ? {} : { lastEvent }),
    ...(lastRun === undefined ? {} : { lastRun }),
  };
}

export function second(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

async function nextOf({ schedule }: TriggerConfig): Promise<number | undefined> {
  if (schedule === undefined) return undefined;
  const { cronTimes } = await import('../../../config/cron.ts');
  return cronTimes(schedule.cron, schedule.timeZone ?? machineTimeZone()).next(Date.now());
}

function summaryOfRun(runId: string, state: OpenedTriggers['state']): RunSummary | undefined {
  const store = new RunStore(state, homeFolder());
  try {
    return summaryOf(store.get(runId), state, store.shortIds());
  } catch (error) {
    if (error instanceof HostError && error.code === 'unknown-run') return undefined;
    throw error;
  }
}
