/**
 * A schedule as a source of events: one for each time, whose id is the time itself, so that it starts one run however often it is
 * told. Up to when times are dealt with is kept, so that what passed meanwhile is known after a restart, a sleep of the machine or
 * a jump of its clock.
 */
import { cronTimes, type CronTimes } from '../../../config/cron.ts';
import { machineTimeZone } from '../../../config/time-zone.ts';
import type { ScheduleTriggerConfig } from '../../../config/trigger-schedule-schema.ts';
import { messageOf } from '../../../errors.ts';
import type { LogSink } from '../../../registry/contract.ts';
import type { Clock } from '../clock.ts';
import type { SourceOptions, TriggerEvent, TriggerSource } from '../source.ts';
import type { ScheduleProgress } from '../trigger-state.ts';

/** What is kept of one schedule. All throw the HostErrors of the store. */
export interface ScheduleStore {
  readonly progress: () => ScheduleProgress | undefined;
  readonly setProgress: (progress: ScheduleProgress) => void;
  /** Writes down a time for which nothing is started. */
  readonly skip: (event: TriggerEvent, reason: string) => void;
}

export interface ScheduleParts {
  readonly clock: Clock;
  readonly store: ScheduleStore;
  readonly log: LogSink;
}

/** A time that is noticed no later than this was not missed. */
const ON_TIME_MS = 60_000;
/** A clock may be set, and a machine sleep, while a timer runs. */
const LOOK_AGAIN_MS = 30_000;
const RETRY_MS = 5_000;
/** More times than these are not counted. */
const MAX_COUNTED = 100;
const DEFAULTS = { missed: 'last', withinMs: 86_400_000, maxMissed: 10 } as const;

export function openSchedule(
  config: ScheduleTriggerConfig,
  options: SourceOptions,
  parts: ScheduleParts,
): TriggerSource {
  return new ScheduleSource(config, options, parts);
}

class ScheduleSource implements TriggerSource {
  readonly #config: ScheduleTriggerConfig;
  readonly #options: SourceOptions;
  readonly #parts: ScheduleParts;
  readonly #times: CronTimes;
  /** The schedule as one text: of another one nothing was missed. */
  readonly #written: string;
  #stopTimer: () => void = () => undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(config: ScheduleTriggerConfig, options: SourceOptions, parts: ScheduleParts) {
    const { cron, timeZone = machineTimeZone() } = config;
    this.#config = config;
    this.#options = options;
    this.#parts = parts;
    this.#times = cronTimes(cron, timeZone);
    this.#written = `${cron} ${timeZone}`;
    this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#lookOnce();
  }

  /** Never rejects: what could not be written down is told again. */
  async #lookOnce(): Promise<void> {
    let againMs = RETRY_MS;
    try {
      await this.#tellDue();
      const nowMs = this.#parts.clock.now();
      againMs = Math.min(LOOK_AGAIN_MS, (this.#times.next(nowMs) ?? Number.POSITIVE_INFINITY) - nowMs);
    } catch (error) {
      this.#options.onProblem({ code: 'schedule-not-kept', message: messageOf(error) });
    }
    if (!this.#closed) this.#stopTimer = this.#parts.clock.after(againMs, () => this.#look());
  }

  async #tellDue(): Promise<void> {
    const { clock, store } = this.#parts;
    const nowMs = clock.now();
    const fromMs = this.#dealtWith(nowMs);
    if (fromMs < nowMs) {
      const passed = this.#passed(fromMs, nowMs);
      const onTime = passed.filter((atMs) => nowMs - atMs <= ON_TIME_MS);
      const missed = passed.slice(onTime.length);
      // One that is due now stands for those before it, too.
      const isCovered = onTime.length > 0 && this.#policy === 'last';
      if (isCovered) this.#logMissed(missed, 1);
      else await this.#tellMissed(missed, nowMs);
      for (const [index, atMs] of onTime.toReversed().entries())
        await this.#tell(atMs, isCovered && index === 0 ? missed.length : 0);
    }
    store.setProgress({ schedule: this.#written, dealtWithMs: nowMs });
  }

  /** The times after the one and up to the other, the latest first; of many the last ones. */
  #passed(fromMs: number, untilMs: number): readonly number[] {
    const passed: number[] = [];
    let atMs = this.#times.next(fromMs);
    while (atMs !== undefined && atMs <= untilMs) {
      if (passed.length === MAX_COUNTED) return this.#times.last(MAX_COUNTED, untilMs);
      passed.push(atMs);
      atMs = this.#times.next(atMs);
    }
    return passed.toReversed();
  }

  /** Where a clock was set back, what it passes again was told before and is known by its id. */
  #dealtWith(nowMs: number): number {
    const progress = this.#parts.store.progress();
    if (progress === undefined || progress.schedule !== this.#written) return nowMs;
    return Math.min(progress.dealtWithMs, nowMs);
  }

  /** `missed`: the latest first. */
  async #tellMissed(missed: readonly number[], nowMs: number): Promise<void> {
    const [latest] = missed;
    if (latest === undefined) return;
    const { withinMs, maxMissed } = { ...DEFAULTS, ...this.#config };
    const policy = this.#policy;
    const recent = missed.filter((atMs) => nowMs - atMs <= withinMs);
    const made = policy === 'skip' ? [] : recent.slice(0, policy === 'last' ? 1 : maxMissed);
    const skipped = missed.filter((atMs) => !made.includes(atMs));
    this.#logMissed(missed, made.length);
    const [latestSkipped] = skipped;
    if (latestSkipped !== undefined && policy !== 'last')
      this.#parts.store.skip(this.#event(latestSkipped, 0), skippedText(skipped.length, policy));
    else if (made.length === 0) this.#parts.store.skip(this.#event(latest, 0), TOO_LONG_AGO);
    for (const atMs of made.toReversed()) await this.#tell(atMs, policy === 'last' ? missed.length : 1);
  }

  get #policy(): 'skip' | 'last' | 'all' {
    return this.#config.missed ?? DEFAULTS.missed;
  }

  #logMissed(missed: readonly number[], made: number): void {
    if (missed.length === 0) return;
    const count = missed.length >= MAX_COUNTED ? `${MAX_COUNTED} or more` : missed.length;
    const since = new Date(missed.at(-1) ?? 0).toISOString();
    const fields = { trigger: this.#options.trigger, times: count, since, missed: this.#policy, runs: made };
    this.#parts.log({ level: 'warn', component: 'trigger', event: 'times-missed', fields });
  }

  async #tell(atMs: number, missed: number): Promise<void> {
    if (this.#closed) return;
    await this.#options.deliver(this.#event(atMs, missed));
  }

  #event(atMs: number, missed: number): TriggerEvent {
    const scheduledAt = new Date(atMs).toISOString();
    return { id: `schedule:${scheduledAt}`, atMs, data: { scheduledAt, missed } };
  }
}

const TOO_LONG_AGO = 'its time passed while nothing ran, longer ago than withinMs';

function skippedText(count: number, policy: string): string {
  const orMore = count >= MAX_COUNTED - 1 ? ' or more' : '';
  const which = count === 1 ? 'its time' : `it and ${count - 1}${orMore} times before it`;
  return `${which} passed while nothing ran (missed "${policy}")`;
}
