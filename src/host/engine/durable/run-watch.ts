import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { withBusyTimeout } from '../../../database/busy-timeout.ts';
import type { State } from '../../state.ts';
import type { HostPresence } from './host-presence.ts';

export interface WatchedRun {
  onSignal(): void;
  onCancel(reason: string): void;
}

/** How late a signal from another process may be noticed. */
const TICK_MS = 100;
const TICKS_A_RETRY = 10;
/** A heartbeat is missed often before a lease ends. */
const BEATS_A_LEASE = 20;

/** While this host owns runs: its heartbeat, and what other processes wrote for them. */
export class RunWatch implements Disposable {
  readonly #presence: HostPresence;
  readonly #ticksABeat: number;
  readonly #dataVersion: StatementSync;
  readonly #cancelled: StatementSync;
  readonly #signalled: StatementSync;
  readonly #runs = new Map<number, WatchedRun>();
  readonly #database: DatabaseSync;
  #retried: (() => boolean) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #version: unknown;
  #lastSignal: number;
  #ticks = 0;

  constructor({ database }: State, presence: HostPresence, leaseMs: number) {
    this.#presence = presence;
    this.#database = database;
    this.#ticksABeat = Math.max(1, Math.floor(leaseMs / BEATS_A_LEASE / TICK_MS));
    this.#dataVersion = database.prepare('PRAGMA data_version');
    this.#cancelled = database.prepare(
      'SELECT key, cancel_reason FROM runs WHERE owner = ? AND cancel_reason IS NOT NULL',
    );
    this.#signalled = database.prepare('SELECT number, run FROM signals WHERE number > ? ORDER BY number');
    // Whoever waits from now on looks by itself for what came before.
    this.#lastSignal = Number(
      database.prepare('SELECT max(number) AS last FROM signals').get()?.['last'] ?? 0,
    );
  }

  add(key: number, run: WatchedRun): void {
    this.#runs.set(key, run);
    this.#start();
  }

  /** Calls `work` from time to time until it returns true. */
  retry(work: () => boolean): void {
    this.#retried = work;
    this.#start();
  }

  #start(): void {
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  has(key: number): boolean {
    return this.#runs.has(key);
  }

  remove(key: number): void {
    this.#runs.delete(key);
    this.#stopIfIdle();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #stopIfIdle(): void {
    if (this.#runs.size === 0 && this.#retried === undefined) this[Symbol.dispose]();
  }

  /** What cannot be read or written now is tried again at the next tick; a run whose writes fail is told by them. */
  #tick(): void {
    try {
      this.#ticks += 1;
      if (this.#ticks % TICKS_A_RETRY === 0 && this.#retried?.() === true) {
        this.#retried = undefined;
        this.#stopIfIdle();
      }
      // Nobody waits for it, and all of the process would wait for a lock.
      if (this.#ticks % this.#ticksABeat === 0)
        withBusyTimeout(this.#database, 0, () => this.#presence.beat());
      // It changes with each commit of another connection (sqlite.org/pragma.html#pragma_data_version).
      const version = this.#dataVersion.get()?.['data_version'];
      if (version === this.#version) return;
      this.#version = version;
      for (const row of this.#cancelled.all(this.#presence.id)) {
        this.#runs.get(Number(row['key']))?.onCancel(String(row['cancel_reason']));
      }
      for (const { number, run } of this.#signalled.all(this.#lastSignal)) {
        this.#lastSignal = Number(number);
        this.#runs.get(Number(run))?.onSignal();
      }
    } catch {
      // See above.
    }
  }
}
