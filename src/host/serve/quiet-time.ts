/**
 * Gives memory back when a busy time is over. The engine keeps what a burst of calls took, hundreds of megabytes, for the next
 * one; who serves a person is quiet nearly all of the day.
 */
import { collectAllGarbage } from '../../collect-garbage.ts';

export interface QuietTimeOptions {
  /** In bytes, of the process. */
  readonly memory?: () => number;
  readonly collect?: () => void;
}

/** What the start took goes soon. */
const FIRST_QUIET_MS = 5_000;
/** Compiled code goes as well, and the next calls take longer for it: it is no pause between the calls of a model. */
const QUIET_MS = 30_000;
const WORTH_BYTES = 64_000_000;

export class QuietTime implements Disposable {
  readonly #memory: () => number;
  readonly #collect: () => void;
  #timer: NodeJS.Timeout;
  /** After the last collection. */
  #leastBytes = 0;

  /** The first quiet time is that after the start. */
  constructor({ memory = residentBytes, collect = collectAllGarbage }: QuietTimeOptions = {}) {
    this.#memory = memory;
    this.#collect = collect;
    this.#timer = setTimeout(() => {
      this.#giveBack();
      this.#timer = setTimeout(() => this.#giveBack(), QUIET_MS).unref();
    }, FIRST_QUIET_MS).unref();
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
