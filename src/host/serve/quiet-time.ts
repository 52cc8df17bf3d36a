/**
 * Gives memory back when a busy time is over. The engine keeps what a burst of calls took, hundreds of megabytes, for the next
 * one; who serves a person is quiet nearly all of the day.
 */
import { collectAllGarbage } from '../../collect-garbage.ts';

export interface QuietTimeOptions {
  readonly quietMs?: number;
  /** In bytes, of the process. */
  readonly memory?: () => number;
  readonly collect?: () => void;
}

/** Long enough that it is no pause between two calls of a model. */
const QUIET_MS = 5_000;
/** Less is not worth the tens of milliseconds. */
const WORTH_BYTES = 16_000_000;

export class QuietTime implements Disposable {
  readonly #memory: () => number;
  readonly #collect: () => void;
  readonly #timer: NodeJS.Timeout;
  /** After the last collection. */
  #leastBytes = 0;

  /** The first quiet time is that after the start. */
  constructor({
    quietMs = QUIET_MS,
    memory = residentBytes,
    collect = collectAllGarbage,
  }: QuietTimeOptions = {}) {
    this.#memory = memory;
    this.#collect = collect;
    this.#timer = setTimeout(() => this.#giveBack(), quietMs).unref();
  }

  /** Something was done just now. */
  interrupt(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #giveBack(): void {
    if (this.#memory() - this.#leastBytes < WORTH_BYTES) return;
    this.#collect();
    this.#leastBytes = this.#memory();
  }
}

function residentBytes(): number {
  return process.memoryUsage.rss();
}
