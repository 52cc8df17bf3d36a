/** All responses that are open: one clock ticks for them, and an end waits for them. */
import type { ServerResponse } from 'node:http';

import { InFlight } from '../../../in-flight.ts';
import { ClientResponse, type ClientResponseOptions } from './client-response.ts';
import { Unread } from './unread.ts';

const TICK_MS = 1_000;

export class OpenResponses implements Disposable {
  readonly #open = new InFlight<number, ClientResponse>();
  readonly #timer: NodeJS.Timeout;
  #lastKey = 0;
  #empty: PromiseWithResolvers<void> | undefined;

  readonly #unread: Unread;

  /** `onTick` is called once a second, too; `onCutOff` is told how much a client that had to go had not read. */
  constructor(onTick: () => void, onCutOff: (bytes: number) => void) {
    this.#unread = new Unread({ [Symbol.iterator]: () => this.#open.values() }, onCutOff);
    this.#timer = setInterval(() => {
      for (const response of this.#open.values()) response.tick();
      this.#unread.enforce();
      onTick();
    }, TICK_MS).unref();
  }

  add(response: ServerResponse, options: ClientResponseOptions): ClientResponse {
    const key = ++this.#lastKey;
    const added = new ClientResponse(response, {
      ...options,
      onUnread: (bytes) => this.#unread.note(bytes),
      onClosed: (isComplete) => {
        this.#open.delete(key);
        if (this.#open.size === 0) this.#empty?.resolve();
        options.onClosed(isComplete);
      },
    });
    this.#open.set(key, added);
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
    for (const response of this.#open.values()) response.drop();
  }
}
