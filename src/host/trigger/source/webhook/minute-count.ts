/** How often something happened in the minute that is under way. */
export class MinuteCount {
  #startedMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** Counts one, and returns how many that makes. */
  add(): number {
    const nowMs = performance.now();
    if (nowMs - this.#startedMs >= MINUTE_MS) {
      this.#startedMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count;
  }

  /** Until a minute begins. */
  get leftSeconds(): number {
    return Math.max(1, Math.ceil((this.#startedMs + MINUTE_MS - performance.now()) / 1_000));
  }
}

const MINUTE_MS = 60_000;
