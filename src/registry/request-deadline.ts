/** What ends a request from our side: its time, its caller, or the connection's closing. */
import type { EndedByUs } from './answer.ts';

export class RequestDeadline {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #caller: AbortSignal | undefined;
  readonly #onCallerAbort = () => this.end({ cause: 'cancelled', message: 'The call was cancelled.' });
  #ended: EndedByUs | undefined;
  #held = 0;

  constructor(method: string, timeoutMs: number, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#timer = setTimeout(() => {
      if (this.#held > 0) return;
      this.end({ cause: 'timeout', message: `No answer to ${method} within ${timeoutMs} ms.` });
    }, timeoutMs);
    if (caller?.aborted === true) this.#onCallerAbort();
    caller?.addEventListener('abort', this.#onCallerAbort, { once: true });
  }

  /** Aborts when the request is ended by us. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the request was ended by us; undefined where it was not. */
  get ended(): EndedByUs | undefined {
    return this.#ended;
  }

  /** The server showed a sign of life: its time starts afresh. */
  refresh(): void {
    if (this.#ended === undefined) this.#timer.refresh();
  }

  /** While the server waits for our answer, which may be a person's, its time stands still. Returns what lets it go on. */
  hold(): () => void {
    this.#held += 1;
    return () => {
      this.#held -= 1;
      if (this.#held === 0) this.refresh();
    };
  }

  end(by: EndedByUs): void {
    if (this.#ended !== undefined) return;
    this.#ended = by;
    this.#abort.abort(by.message);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onCallerAbort);
    this.#caller = undefined;
  }
}
