/** All triggers of a config at work, which an edit of the config changes. */
import { isDeepStrictEqual } from 'node:util';

import type { TriggerConfig } from '../../config/trigger-config.ts';
import { messageOf } from '../../errors.ts';
import type { RunHandle } from '../engine/engine.ts';
import { forgetEvents, openTriggerRuns, waitingTriggers } from './event-store.ts';
import type { SourceOpener } from './open-source.ts';
import { RunningTrigger, type TriggerParts } from './running-trigger.ts';

export type TriggerConfigs = Readonly<Record<string, TriggerConfig>>;

export interface TriggerSetParts extends TriggerParts {
  /** Absent: nothing is listened to, and what waits is worked off. */
  readonly opener?: SourceOpener;
  /** The handle of a run that this process works on. */
  readonly running: (runId: string) => RunHandle | undefined;
}

/** How late it may be noticed what another process wrote down. */
const TICK_MS = 1_000;
const FORGET_EVERY_MS = 3_600_000;
/** How long an event is known again. */
const KEEP_MS = 30 * 24 * 3_600_000;

export class TriggerSet implements AsyncDisposable {
  readonly #parts: TriggerSetParts;
  readonly #running = new Map<string, RunningTrigger>();
  #changing: Promise<void> = Promise.resolve();
  #stopTimer: () => void = () => undefined;
  #forgottenAtMs = 0;
  #trouble = '';
  #closed = false;

  constructor(parts: TriggerSetParts) {
    this.#parts = parts;
  }

  /** What stayed the same goes on undisturbed. */
  use(triggers: TriggerConfigs): Promise<void> {
    this.#changing = this.#changing.then(() => this.#use(triggers));
    return this.#changing;
  }

  /** Resolves when all sources are open, or were tried once. */
  async opened(): Promise<void> {
    await this.#changing;
    await Promise.all([...this.#running.values()].map((trigger) => trigger.opened));
  }

  start(): void {
    if (!this.#closed) this.#tick();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    await this.#changing;
    await Promise.all([...this.#running.values()].map((trigger) => trigger[Symbol.asyncDispose]()));
    await this.#parts.opener?.[Symbol.asyncDispose]();
  }

  /** Never rejects. */
  async #use(triggers: TriggerConfigs): Promise<void> {
    if (this.#closed) return;
    const { opener, log } = this.#parts;
    for (const [name, running] of this.#running) {
      if (isDeepStrictEqual(running.config, triggers[name])) continue;
      this.#running.delete(name);
      await running[Symbol.asyncDispose]();
      if (!Object.hasOwn(triggers, name))
        log({ level: 'info', component: 'trigger', event: 'trigger-removed', fields: { trigger: name } });
    }
    for (const [name, config] of Object.entries(triggers)) {
      if (this.#running.has(name) || this.#closed) continue;
      const running = new RunningTrigger(name, config, this.#parts);
      this.#running.set(name, running);
      if (opener !== undefined) running.open(opener);
    }
  }

  /** What other processes wrote, what waits for a run that ended elsewhere, and what is due by time. */
  #tick(): void {
    const { clock, log } = this.#parts;
    try {
      this.#lookForWork();
      this.#forget();
      this.#trouble = '';
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.#trouble)
        log({ level: 'warn', component: 'trigger', event: 'events-not-read', fields: { reason } });
      this.#trouble = reason;
    }
    if (!this.#closed) this.#stopTimer = clock.after(TICK_MS, () => this.#tick());
  }

  #lookForWork(): void {
    const { state, configFile, running } = this.#parts;
    for (const { trigger, runId } of openTriggerRuns(state, configFile)) {
      const handle = running(runId);
      if (handle !== undefined) this.#running.get(trigger)?.follow(handle);
    }
    for (const name of waitingTriggers(state, configFile)) void this.#running.get(name)?.pump();
  }

  #forget(): void {
    const { state, clock } = this.#parts;
    const nowMs = clock.now();
    if (Math.abs(nowMs - this.#forgottenAtMs) < FORGET_EVERY_MS) return;
    this.#forgottenAtMs = nowMs;
    forgetEvents(state, nowMs - KEEP_MS);
  }
}
