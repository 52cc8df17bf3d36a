/** When a server may be connected again: backoff with jitter between attempts, a circuit breaker after repeated failures. */
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  type IBackoff,
  type IBackoffFactory,
} from 'cockatiel';

export interface HealthOptions {
  /** Failed attempts in a row until further ones are refused at once. */
  readonly failuresUntilOpen?: number;
  readonly firstDelayMs?: number;
  readonly firstOpenMs?: number;
  readonly maxOpenMs?: number;
}

/** A connection that lived this long counts as healthy, and the next loss is met with the first delay again. */
const STABLE_MS = 30_000;
const MAX_DELAY_MS = 60_000;

/** The attempt was not made: too many failed before it. */
export class AttemptRefused extends Error {
  readonly retryAtMs: number;

  constructor(retryAtMs: number) {
    const seconds = Math.max(1, Math.ceil((retryAtMs - Date.now()) / 1_000));
    super(`Several attempts to connect failed; the next is made in ${seconds} s.`);
    this.retryAtMs = retryAtMs;
  }
}

export class Health {
  readonly #breaker: CircuitBreakerPolicy;
  readonly #firstDelayMs: number;
  #delays: IBackoff<unknown> | undefined;
  #connectedAtMs: number | undefined;
  #openUntilMs = 0;

  constructor(options: HealthOptions = {}) {
    const { failuresUntilOpen = 3, firstDelayMs = 500, firstOpenMs = 5_000, maxOpenMs = 300_000 } = options;
    this.#firstDelayMs = firstDelayMs;
    this.#breaker = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(failuresUntilOpen),
      halfOpenAfter: told(
        new ExponentialBackoff({ initialDelay: firstOpenMs, maxDelay: maxOpenMs }),
        (durationMs) => {
          this.#openUntilMs = Date.now() + durationMs;
        },
      ),
    });
  }

  /** Runs one attempt to connect. Rejects with AttemptRefused while the breaker is open, else with the attempt's error. */
  async attempt<T>(connect: () => Promise<T>): Promise<T> {
    try {
      const connected = await this.#breaker.execute(connect);
      this.#connectedAtMs = performance.now();
      return connected;
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new AttemptRefused(this.#openUntilMs);
      throw error;
    }
  }

  /** How long to wait before the next attempt on one's own; never shorter than the breaker stays open. */
  nextDelayMs(): number {
    const stable = this.#connectedAtMs !== undefined && performance.now() - this.#connectedAtMs >= STABLE_MS;
    if (stable) this.#delays = undefined;
    this.#delays =
      this.#delays?.next(undefined) ??
      new ExponentialBackoff({ initialDelay: this.#firstDelayMs, maxDelay: MAX_DELAY_MS }).next();
    return Math.max(this.#delays.duration, this.#openUntilMs - Date.now());
  }
}

/** A backoff that tells each duration it gives: cockatiel does not say when a breaker will close. */
function told<T>(factory: IBackoffFactory<T>, tell: (durationMs: number) => void): IBackoffFactory<T> {
  const wrap = (backoff: IBackoff<T>): IBackoff<T> => {
    tell(backoff.duration);
    return { duration: backoff.duration, next: (context) => wrap(backoff.next(context)) };
  };
  return { next: (context) => wrap(factory.next(context)) };
}
