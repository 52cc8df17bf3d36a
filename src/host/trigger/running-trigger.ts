import type { TriggerConfig, TriggerSettings } from '../../config/trigger-config.ts';
import { triggerSettings } from '../../config/trigger-config.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { LogEntry, LogSink } from '../../registry/contract.ts';
import type { RunPlace } from '../engine/durable/insert-run.ts';
import type { RunHandle, RunOutcome, RunRecord } from '../engine/engine.ts';
import type { State } from '../state.ts';
import type { Clock } from './clock.ts';
import { takeEvent, type TriggerPlace } from './event-store.ts';
import type { SourceOpener } from './open-source.ts';
import { answeringCommand } from './run-wait.ts';
import type { DeliverOptions, TriggerEvent, TriggerReceipt, TriggerSource } from './source.ts';
import { type Events, type MadeRun, type NextStart, startNext } from './start-next.ts';

/** What triggers work with. */
export interface TriggerParts {
  readonly state: State;
  readonly configFile: string;
  readonly runPlace: RunPlace;
  readonly clock: Clock;
  readonly log: LogSink;
  readonly redact: <Value extends JsonObject>(value: Value) => Value;
  /** The run of these events. Rejects with HostErrors that say why there can be none. */
  readonly makeRun: (settings: TriggerSettings, events: Events) => Promise<Omit<RunRecord, 'id'>>;
  /** Works on a run that is written down. Rejects like `Engine.resume`. */
  readonly resume: (runId: string) => Promise<RunHandle>;
  /** Rejects like `Engine.cancel`. */
  readonly cancel: (runId: string, reason: string) => Promise<void>;
  /** Given each run that begins here. */
  readonly onRun?: (handle: RunHandle) => void;
}

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** How soon it is looked again whether another process has ended the run that is to be replaced. */
const REPLACE_LOOK_MS = 200;

/** One trigger at work: its source, where it has one, and the runs that its events become. */
export class RunningTrigger implements AsyncDisposable {
  readonly config: TriggerConfig;
  readonly #settings: TriggerSettings;
  readonly #place: TriggerPlace;
  readonly #parts: TriggerParts;
  readonly #followed = new Set<string>();
  readonly #end = new AbortController();
  #source: TriggerSource | undefined;
  #opening: Promise<void> = Promise.resolve();
  #pumping: Promise<void> | undefined;
  #pumpAgain = false;
  #stopTimers = new Map<'open' | 'pump', () => void>();
  #told = '';
  /** Runs that were asked to end. */
  #replaced = '';

  constructor(name: string, config: TriggerConfig, parts: TriggerParts) {
    this.config = config;
    this.#settings = triggerSettings(name, config);
    this.#place = { configFile: parts.configFile, trigger: name };
    this.#parts = parts;
  }

  /** Takes events from now on; where the source cannot be opened it is tried again. */
  open(opener: SourceOpener): void {
    this.#opening = this.#open(opener, FIRST_RETRY_MS);
  }

  /** Resolves when the source is open, or was tried once. */
  get opened(): Promise<void> {
    return this.#opening;
  }

  /** Starts what is due. Never rejects. */
  pump(): Promise<void> {
    this.#pumpAgain = true;
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = undefined;
    });
    return this.#pumping;
  }

  /** Goes on with what is due when this run has ended. */
  follow(handle: RunHandle): void {
    if (this.#followed.has(handle.id)) return;
    this.#followed.add(handle.id);
    this.#parts.onRun?.(handle);
    void handle.result.then(async (outcome) => {
      this.#followed.delete(handle.id);
      // What took its place follows the run as well.
      if (this.#isClosed) return;
      this.#logOutcome(outcome);
      await this.pump();
    });
  }

  get #isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    for (const stop of this.#stopTimers.values()) stop();
    await this.#opening;
    await this.#source?.[Symbol.asyncDispose]();
    await this.#pumping;
  }

  async #open(opener: SourceOpener, retryMs: number): Promise<void> {
    const { trigger } = this.#place;
    try {
      const source = await opener.open(this.config, {
        trigger,
        signal: this.#end.signal,
        deliver: (event, delivery) => this.#deliver(event, delivery),
        onProblem: ({ code, message }) => this.#log('warn', code, { message }),
      });
      if (this.#isClosed) await source[Symbol.asyncDispose]();
      else this.#source = source;
    } catch (error) {
      if (this.#isClosed) return;
      this.#log('warn', 'source-not-opened', { reason: messageOf(error), againInMs: retryMs });
      this.#after('open', retryMs, () => {
        this.#opening = this.#open(opener, Math.min(retryMs * 2, MAX_RETRY_MS));
      });
    }
  }

  async #deliver(event: TriggerEvent, delivery: DeliverOptions = {}): Promise<TriggerReceipt> {
    const { state, clock, redact } = this.#parts;
    if (this.#isClosed)
      throw new HostError('host-closed', `Trigger "${this.#place.trigger}" takes no events any more.`);
    const { data } = redact({ data: event.data });
    const settings = { ...this.#settings, ...delivery };
    const taken = takeEvent(state, this.#place, { ...event, data }, settings, clock.now());
    if (taken.type === 'full') throw new HostError('queue-full', `${taken.reason}.`);
    const { skipped, ...receipt } = taken;
    if (skipped !== undefined) this.#log('warn', 'event-skipped', { event: event.id, reason: skipped });
    else if (receipt.type === 'paused')
      this.#log('info', 'event-skipped', { event: event.id, reason: 'the trigger is paused' });
    else if (receipt.type === 'duplicate')
      this.#log('info', 'event-known', { event: event.id, ...(receipt.runId ? { run: receipt.runId } : {}) });
    else void this.pump();
    return receipt;
  }

  async #pumpAll(): Promise<void> {
    // The caller of `pump` has its turn first: a receipt is given before its run begins.
    await Promise.resolve();
    while (this.#pumpAgain && !this.#isClosed) {
      this.#pumpAgain = false;
      try {
        if (await this.#step()) this.#pumpAgain = true;
      } catch (error) {
        this.#tellOnce('warn', 'run-not-started', { reason: messageOf(error) });
      }
    }
  }

  /** Whether something else may be due at once. */
  async #step(made?: MadeRun): Promise<boolean> {
    const { state, clock, runPlace } = this.#parts;
    const next = startNext(state, {
      place: this.#place,
      settings: this.#settings,
      runPlace,
      ...(made === undefined ? {} : { made }),
      nowMs: clock.now(),
    });
    switch (next.type) {
      case 'due':
        return this.#step(await this.#make(next.events));
      case 'started':
        this.#told = '';
        await this.#begin(next);
        return true;
      case 'skipped':
      case 'failed':
        this.#log('warn', `event-${next.type}`, { events: next.events, reason: next.reason });
        return true;
      case 'replace':
        return this.#replace(next);
      case 'wait':
        if (next.why === 'limit')
          this.#tellOnce('warn', 'limit-reached', {
            maxRunsPerHour: this.#settings.maxRunsPerHour,
            until: new Date(next.untilMs).toISOString(),
          });
        this.#after('pump', next.untilMs - clock.now(), () => void this.pump());
        return false;
      case 'idle':
      case 'blocked':
        return false;
      default:
        return next satisfies never;
    }
  }

  async #make(events: Events): Promise<MadeRun> {
    try {
      return { events, run: await this.#parts.makeRun(this.#settings, events) };
    } catch (error) {
      return { events, failure: messageOf(error) };
    }
  }

  async #begin({ runId, events }: Extract<NextStart, { type: 'started' }>): Promise<void> {
    this.#log('info', 'run-started', { events }, runId);
    try {
      this.follow(await this.#parts.resume(runId));
    } catch (error) {
      // It is written down: whoever lives goes on with it, this host among them.
      const isOurs = !(error instanceof HostError) || error.code !== 'run-owned';
      if (isOurs) this.#log('warn', 'run-begins-later', { reason: messageOf(error) }, runId);
    }
  }

  /** A run of this process has ended by then; one of another may take its time, and is asked again where it died meanwhile. */
  async #replace(next: Extract<NextStart, { type: 'replace' }>): Promise<boolean> {
    if (!(await this.#cancelAll(next))) return false;
    const replaced = next.runIds.join(' ');
    if (replaced !== this.#replaced) {
      this.#replaced = replaced;
      return true;
    }
    this.#after('pump', REPLACE_LOOK_MS, () => void this.pump());
    return false;
  }

  async #cancelAll({ runIds, event }: Extract<NextStart, { type: 'replace' }>): Promise<boolean> {
    const { trigger } = this.#place;
    for (const runId of runIds) {
      try {
        await this.#parts.cancel(runId, `Event ${event} of trigger "${trigger}" takes its place.`);
      } catch (error) {
        if (error instanceof HostError && error.code === 'run-ended') continue;
        this.#tellOnce('warn', 'run-not-cancelled', { run: runId, reason: messageOf(error) });
        return false;
      }
    }
    return true;
  }

  #logOutcome(outcome: RunOutcome): void {
    const { runId } = outcome;
    switch (outcome.type) {
      case 'done':
        this.#log('info', 'run-done', {}, runId);
        break;
      case 'failed':
        this.#log('warn', 'run-failed', { code: outcome.error.code, reason: outcome.error.message }, runId);
        break;
      case 'stopped':
      case 'cancelled':
        this.#log('warn', `run-${outcome.type}`, { reason: outcome.message }, runId);
        break;
      case 'suspended':
        if (outcome.reason === 'waiting') this.#logWait(runId);
        else this.#log('info', 'run-left', { reason: outcome.message }, runId);
        break;
      default:
        outcome satisfies never;
    }
  }

  #logWait(runId: string): void {
    const toAnswer = answeringCommand(this.#parts.state, runId);
    if (toAnswer === undefined) this.#log('info', 'run-waits', {}, runId);
    else this.#log('warn', 'run-waits-for-a-person', { toAnswer }, runId);
  }

  #after(which: 'open' | 'pump', ms: number, work: () => void): void {
    this.#stopTimers.get(which)?.();
    if (!this.#isClosed) this.#stopTimers.set(which, this.#parts.clock.after(Math.max(ms, 1), work));
  }

  /** What stays the same is not said every second. */
  #tellOnce(level: LogEntry['level'], event: string, fields: Readonly<Record<string, Json>>): void {
    const said = JSON.stringify([event, fields]);
    if (said === this.#told) return;
    this.#told = said;
    this.#log(level, event, fields);
  }

  #log(level: LogEntry['level'], event: string, fields: Readonly<Record<string, Json>>, run?: string): void {
    this.#parts.log({
      level,
      component: 'trigger',
      event,
      ...(run === undefined ? {} : { run }),
      fields: { trigger: this.#place.trigger, ...fields },
    });
  }
}
