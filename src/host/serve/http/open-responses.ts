/** All responses that are open: one clock ticks for them, and an end waits for them. */
import type { ServerResponse } from 'node:http';

import { ClientResponse, type ClientResponseOptions } from './client-response.ts';

const TICK_MS = 1_000;

export class OpenResponses implements Disposable {
  readonly #open = new Set<ClientResponse>();
  readonly #timer: NodeJS.Timeout;
  #empty: PromiseWithResolvers<void> | undefined;

  /** `onTick` is called once a second, too. */
  constructor(onTick: () => void) {
    this.#timer = setInterval(() => {
      for (const response of this.#open) response.tick();
      onTick();
    }, TICK_MS).unref();
  }

  add(response: ServerResponse, options: ClientResponseOptions): ClientResponse {
    const added = new ClientResponse(response, {
      ...options,
      onClosed: (isComplete) => {
        this.#open.delete(added);
        if (this.#open.size === 0) this.#empty?.resolve();
        options.onClosed(isComplete);
      },
    });
    this.#open.add(added);
    return added;
  }

  /** Resolves when none is open, or after the time. */
  async settled(withinMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const empty = Promise.withResolvers<void>();
    this.#empty = empty;
    const timer = setTimeout(empty.resolve, withinMs);
    await empty.promise;
    clearTimeout(timer);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const response of this.#open) response.drop();
  }
}
