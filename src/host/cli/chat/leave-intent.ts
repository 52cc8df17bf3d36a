/** Two presses of Ctrl-C within this time mean to leave. */
const WITHIN_MS = 2_000;

export class LeaveIntent {
  #lastMs = Number.NEGATIVE_INFINITY;

  /** To be called at each press: true at the second of two. */
  confirmed(nowMs = performance.now()): boolean {
    const confirmed = nowMs - this.#lastMs <= WITHIN_MS;
    this.#lastMs = nowMs;
    return confirmed;
  }
}
