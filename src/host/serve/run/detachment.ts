/** When a client is waited with no longer; the time stands still while its person is asked something that it holds open. */
export class Detachment implements Disposable {
  readonly #controller = new AbortController();
  readonly #withinMs: number;
  readonly #request: AbortSignal;
  readonly #onAbort = (): void => this.#controller.abort();
  #timer: NodeJS.Timeout | undefined;

  /** `startedMs`: of the monotonic clock, when the client began to wait. */
  constructor(request: AbortSignal, withinMs: number, startedMs: number) {
    this.#request = request;
    this.#withinMs = withinMs;
    request.addEventListener('abort', this.#onAbort, { once: true });
    if (request.aborted) this.#onAbort();
    this.#start(Math.max(0, withinMs - (performance.now() - startedMs)));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  now(): void {
    this.#controller.abort();
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  /** From the beginning: the client sends a request of its own with what its person said. */
  restart(): void {
    this.#start(this.#withinMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#request.removeEventListener('abort', this.#onAbort);
  }

  #start(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), ms);
  }
}
