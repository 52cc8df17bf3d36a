/** Whether a provider is asked at all: after several failures of its own in a row it is left alone for a while. */
import { ExponentialBackoff, type IBackoff } from 'cockatiel';

import type { ModelFailure } from './model.ts';

export interface BreakerOptions {
  readonly failuresUntilOpen?: number;
  readonly firstOpenMs?: number;
  readonly maxOpenMs?: number;
}

/** What shows that the provider itself does not work; whatever else it answers shows that it does. */
const COUNTED = new Set<ModelFailure['code']>(['server-error', 'connection', 'overloaded', 'timeout']);

export class ProviderBreaker {
  readonly #place: string;
  readonly #failuresUntilOpen: number;
  // The library's policies wrap promises, not streams: only its arithmetic is used.
  readonly #openings: ExponentialBackoff<unknown>;
  #failures = 0;
  #last: ModelFailure | undefined;
  /** Undefined: closed. Monotonic. */
  #openUntilMs: number | undefined;
  #opening: IBackoff<unknown> | undefined;
  #isProbing = false;

  /** `place` is told in failures: `openai at api.openai.com`. */
  constructor(
    place: string,
    { failuresUntilOpen = 5, firstOpenMs = 5_000, maxOpenMs = 60_000 }: BreakerOptions = {},
  ) {
    this.#place = place;
    this.#failuresUntilOpen = failuresUntilOpen;
    this.#openings = new ExponentialBackoff({ initialDelay: firstOpenMs, maxDelay: maxOpenMs });
  }

  /** The failure of a request that is better not made; undefined where it may be. */
  refusal(model: string): ModelFailure | undefined {
    if (this.#openUntilMs === undefined) return undefined;
    const leftMs = Math.max(0, this.#openUntilMs - performance.now());
    if (leftMs === 0 && !this.#isProbing) return undefined;
    const again =
      leftMs > 0 ? `It is asked again ${inSeconds(leftMs)}.` : 'One request tries it again right now.';
    return {
      code: 'unavailable',
      message: `${model}: not asked, because ${this.#place} failed ${this.#failures} times in a row. The last time: ${this.#last?.message ?? 'no answer'} ${again}`,
      retryable: false,
      retryAfterMs: leftMs,
      model,
    };
  }

  /** A request that was not refused begins; what it ends with has to be told, once. `undefined` is a good answer. */
  begin(): (failure: ModelFailure | undefined) => void {
    const isProbe = this.#openUntilMs !== undefined;
    if (isProbe) this.#isProbing = true;
    return (failure) => {
      if (isProbe) this.#isProbing = false;
      // Nothing is known; the next request may try.
      if (failure?.code === 'cancelled') return;
      if (failure !== undefined && COUNTED.has(failure.code)) this.#failed(failure, isProbe);
      else this.#works();
    };
  }

  #works(): void {
    this.#failures = 0;
    this.#openUntilMs = undefined;
    this.#opening = undefined;
  }

  #failed(failure: ModelFailure, isProbe: boolean): void {
    this.#failures += 1;
    this.#last = failure;
    const isDue = this.#openUntilMs === undefined && this.#failures >= this.#failuresUntilOpen;
    if (isProbe || isDue) this.#open();
  }

  #open(): void {
    this.#opening = this.#opening?.next(undefined) ?? this.#openings.next();
    this.#openUntilMs = performance.now() + this.#opening.duration;
  }
}

function inSeconds(ms: number): string {
  return `in ${Math.max(1, Math.ceil(ms / 1_000))} s`;
}
