/** How many requests each client has open, and that it has not too many: what waits is in memory. */
import { MAX_OPEN_REQUESTS } from '../client-session.ts';

export class OpenRequests {
  readonly #max: number;
  readonly #counts = new Map<string, number>();

  constructor(max = MAX_OPEN_REQUESTS) {
    this.#max = max;
  }

  /** Returns what is to be called when the request is over; undefined where the client has too many open. */
  begin(client: string): (() => void) | undefined {
    const count = this.#counts.get(client) ?? 0;
    if (count >= this.#max) return undefined;
    this.#counts.set(client, count + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#counts.get(client) ?? 1) - 1;
      if (left > 0) this.#counts.set(client, left);
      else this.#counts.delete(client);
    };
  }
}
