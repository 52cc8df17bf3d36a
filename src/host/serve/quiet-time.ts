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

/** What the start took goes soon, unless calls come: what is compiled for them is to stay. */
const FIRST_QUIET_MS = 5_000;
/** Compiled code goes as well, and the next calls take longer for it: it is no pause between the calls of a model. */
const QUIET_MS = 30_000;
const WORTH_BYTES = 64_000_000;

export class QuietTime implements Disposable {
  readonly #memory: () => number;
  readonly #collect: () => void;
  #timer: NodeJS.Timeout;
  #isStart = true;
  /** After the last collection. */
  #leastBytes = 0;

  /** The first quiet time is that after the start. */
  constructor({ memory = residentBytes, collect = collectAllGarbage }: QuietTimeOptions = {}) {
    this.#memory = memory;
    this.#collect = collect;
    this.#timer = this.#giveBackIn(FIRST_QUIET_MS);
  }

  /** Something was done just now. */
  interrupt(): void {
    if (!this.#isStart) {
      this.#timer.refresh();
      return;
    }
    this.#isStart = false;
    clearTimeout(this.#timer);
    this.#timer = this.#giveBackIn(QUIET_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #giveBackIn(quietMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#giveBack(), quietMs).unref();
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
