import { expect, test } from 'vitest';

import type { ScheduleTriggerConfig } from '../../../src/config/trigger-schedule-schema.ts';
import type { TriggerEvent, TriggerReceipt } from '../../../src/host/trigger/source.ts';
import { openSchedule } from '../../../src/host/trigger/source/schedule.ts';
import type { ScheduleProgress } from '../../../src/host/trigger/trigger-state.ts';
import { type ManualClock, manualClock } from '../../fixtures/manual-clock.ts';

const HOUR = 3_600_000;
const HOURLY: ScheduleTriggerConfig = { cron: '0 * * * *', timeZone: 'UTC' };

/** What outlives a daemon, and a daemon's source over it. */
function scheduled(clock: ManualClock) {
  const told: TriggerEvent[] = [];
  const skipped: [string, string][] = [];
  const problems: string[] = [];
  let progress: ScheduleProgress | undefined;
  const state = { failing: false };
  const open = (config: ScheduleTriggerConfig) =>
    openSchedule(
      config,
      {
        trigger: 'it',
        async deliver(event): Promise<TriggerReceipt> {
          if (state.failing) throw new Error('the disk is full');
          if (told.some(({ id }) => id === event.id)) return { type: 'duplicate' };
          told.push(event);
          return { type: 'accepted' };
        },
        onProblem: ({ code }) => problems.push(code),
      },
      {
        clock,
        log: () => undefined,
        store: {
          progress: () => progress,
          setProgress: (next) => {
            progress = next;
          },
          skip: ({ id }, reason) => skipped.push([id, reason]),
        },
      },
    );
  return {
    told,
    skipped,
    problems,
    state,
    open,
    times: () => told.map(({ id }) => id.replace(/^schedule:2026-0[1-9]-/, '').replace(':00.000Z', '')),
  };
}

test('each time is told once, as it comes', async () => {
  const clock = manualClock('2026-03-01T08:59:30Z');
  const it = scheduled(clock);
  await using _ = it.open(HOURLY);
  await clock.pass(29_000);
  expect(it.told).toEqual([]);
  await clock.pass(2 * HOUR);
  expect(it.times()).toEqual(['01T09:00', '01T10:00']);
  expect(it.told[0]).toEqual({
    id: 'schedule:2026-03-01T09:00:00.000Z',
    atMs: Date.parse('2026-03-01T09:00:00Z'),
    data: { scheduledAt: '2026-03-01T09:00:00.000Z', missed: 0 },
  });
});

/** Down from half past eight until ten past twelve. */
async function afterDowntime(config: ScheduleTriggerConfig) {
  const clock = manualClock('2026-03-01T08:00:00Z');
  const it = scheduled(clock);
  const before = it.open(config);
  await clock.pass(HOUR / 2);
  await before[Symbol.asyncDispose]();
  clock.jump(Date.parse('2026-03-01T12:10:00Z'));
  const after = it.open(config);
  await clock.pass(1);
  return { clock, it, after };
}

test('what was missed is one event by default, which says how much it stands for', async () => {
  const { it, after } = await afterDowntime(HOURLY);
  expect(it.times()).toEqual(['01T12:00']);
  expect(it.told[0]?.data).toEqual({ scheduledAt: '2026-03-01T12:00:00.000Z', missed: 4 });
  await after[Symbol.asyncDispose]();
});

test('what was missed is skipped with "skip", and that is written down', async () => {
  const { clock, it, after } = await afterDowntime({ ...HOURLY, missed: 'skip' });
  expect(it.times()).toEqual([]);
  expect(it.skipped).toEqual([
    [
      'schedule:2026-03-01T12:00:00.000Z',
      'it and 3 times before it passed while nothing ran (missed "skip")',
    ],
  ]);
  await clock.pass(HOUR);
  expect(it.times()).toEqual(['01T13:00']);
  await after[Symbol.asyncDispose]();
});

test('each time that was missed is told with "all", the earliest first, and no more than maxMissed', async () => {
  const { it, after } = await afterDowntime({ ...HOURLY, missed: 'all' });
  expect(it.times()).toEqual(['01T09:00', '01T10:00', '01T11:00', '01T12:00']);
  await after[Symbol.asyncDispose]();
  const bounded = await afterDowntime({ ...HOURLY, missed: 'all', maxMissed: 2 });
  expect(bounded.it.times()).toEqual(['01T11:00', '01T12:00']);
  expect(bounded.it.skipped.map(([id]) => id)).toEqual(['schedule:2026-03-01T10:00:00.000Z']);
  await bounded.after[Symbol.asyncDispose]();
});

test('what was missed longer ago than withinMs is skipped', async () => {
  const { it, after } = await afterDowntime({ ...HOURLY, missed: 'all', withinMs: 2 * HOUR });
  expect(it.times()).toEqual(['01T11:00', '01T12:00']);
  await after[Symbol.asyncDispose]();
  const late = await afterDowntime({ ...HOURLY, withinMs: 60_000 });
  expect(late.it.times()).toEqual([]);
  expect(late.it.skipped[0]?.[1]).toContain('longer ago than withinMs');
  await late.after[Symbol.asyncDispose]();
});

test('a time that is noticed within a minute was not missed', async () => {
  const clock = manualClock('2026-03-01T08:30:00Z');
  const it = scheduled(clock);
  const config = { ...HOURLY, missed: 'skip' } as const;
  await it.open(config)[Symbol.asyncDispose]();
  clock.jump(Date.parse('2026-03-01T09:00:40Z'));
  await using _ = it.open(config);
  await clock.pass(1);
  expect(it.times()).toEqual(['01T09:00']);
});

test('a machine that slept, or a clock that was set forward, has missed what lies between', async () => {
  const clock = manualClock('2026-03-01T08:30:00Z');
  const it = scheduled(clock);
  await using _ = it.open(HOURLY);
  await clock.pass(60_000);
  clock.jump(Date.parse('2026-03-01T11:20:00Z'));
  await clock.pass(31_000);
  expect(it.times()).toEqual(['01T11:00']);
  expect(it.told[0]?.data['missed']).toBe(3);
  await clock.pass(HOUR);
  expect(it.times()).toEqual(['01T11:00', '01T12:00']);
});

test('a clock that is set back starts nothing twice and misses nothing afterwards', async () => {
  const clock = manualClock('2026-03-01T08:30:00Z');
  const it = scheduled(clock);
  await using _ = it.open(HOURLY);
  await clock.pass(2 * HOUR);
  expect(it.times()).toEqual(['01T09:00', '01T10:00']);
  clock.jump(Date.parse('2026-03-01T08:30:00Z'));
  await clock.pass(3 * HOUR);
  expect(it.times()).toEqual(['01T09:00', '01T10:00', '01T11:00']);
});

test('a schedule that was changed meanwhile has missed nothing', async () => {
  const clock = manualClock('2026-03-01T08:30:00Z');
  const it = scheduled(clock);
  await it.open(HOURLY)[Symbol.asyncDispose]();
  clock.jump(Date.parse('2026-03-01T12:10:00Z'));
  await using _ = it.open({ ...HOURLY, cron: '30 * * * *' });
  await clock.pass(HOUR);
  expect(it.times()).toEqual(['01T12:30']);
});

test('a time that could not be written down is told again', async () => {
  const clock = manualClock('2026-03-01T08:59:00Z');
  const it = scheduled(clock);
  await using _ = it.open({ ...HOURLY, missed: 'skip' });
  it.state.failing = true;
  await clock.pass(70_000);
  expect(it.problems).toContain('schedule-not-kept');
  it.state.failing = false;
  await clock.pass(10_000);
  expect(it.times()).toEqual(['01T09:00']);
});

test('a source that is closed tells nothing and leaves no timer', async () => {
  const clock = manualClock('2026-03-01T08:30:00Z');
  const it = scheduled(clock);
  await it.open(HOURLY)[Symbol.asyncDispose]();
  expect(clock.timers).toBe(0);
  await clock.pass(2 * HOUR);
  expect(it.told).toEqual([]);
});

test('a night with an hour twice has each half past two once', async () => {
  const clock = manualClock('2026-10-24T20:00:00Z');
  const it = scheduled(clock);
  await using _ = it.open({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
  await clock.pass(30 * HOUR);
  expect(it.told.map(({ id }) => id)).toEqual([
    'schedule:2026-10-25T00:30:00.000Z',
    'schedule:2026-10-26T01:30:00.000Z',
  ]);
});
