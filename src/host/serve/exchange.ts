/**
 * One operation of a modern client from its first request to its result, over as many requests as its servers need input.
 * It goes on while the client looks for an answer: a server of the 2025 era holds its call open meanwhile.
 */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { Progress } from '../../registry/contract.ts';
import type { AskedInput, CallerInput } from '../tool-call/caller-input.ts';
import { canAnswer } from './client-input.ts';
import type { ClientRequest } from './client-request.ts';

interface Ask {
  readonly requests: JsonObject;
  readonly answers: Record<string, Json>;
  readonly answered: PromiseWithResolvers<JsonObject>;
}

export type NextOfExchange =
  | { readonly type: 'result'; readonly result: JsonObject }
  | { readonly type: 'input-required'; readonly inputRequests: JsonObject };

type Settled =
  | { readonly ok: true; readonly result: JsonObject }
  | { readonly ok: false; readonly error: unknown };

export class Exchange {
  readonly #abort = new AbortController();
  readonly #settled: Promise<Settled>;
  readonly #asks: Ask[] = [];
  #request: ClientRequest;
  #wake = Promise.withResolvers<void>();

  constructor(request: ClientRequest, perform: (request: ClientRequest) => Promise<JsonObject>) {
    this.#request = request;
    const input: CallerInput = {
      client: request.key,
      can: (requests) => canAnswer(this.#request.client.capabilities, requests),
      answer: (asked) => this.#answer(asked),
    };
    // The token is that of whichever request is open at the moment.
    const onProgress = (progress: Progress): void => this.#request.onProgress?.(progress);
    const whole = {
      ...request,
      signal: this.#abort.signal,
      input,
      ...(request.onProgress === undefined ? {} : { onProgress }),
    };
    this.#settled = perform(whole).then(
      (result) => ({ ok: true, result }),
      (error: unknown) => ({ ok: false, error }),
    );
  }

  /** Rejects with what the operation rejects with. A client that cancels its request ends the operation. */
  async next(request: ClientRequest): Promise<NextOfExchange> {
    this.#request = request;
    const { signal } = request;
    const onAbort = (): void => this.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      for (;;) {
        const [ask] = this.#asks;
        if (ask !== undefined) return { type: 'input-required', inputRequests: openOf(ask) };
        const settled = await Promise.race([this.#settled, this.#wake.promise]);
        if (settled?.ok === true) return { type: 'result', result: settled.result };
        if (settled?.ok === false) throw settled.error;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** What is not answered is asked again. */
  take(responses: Json | undefined): void {
    const [ask] = this.#asks;
    if (ask === undefined || !isJsonObject(responses)) return;
    for (const key of Object.keys(ask.requests)) {
      const response = responses[key];
      if (isJsonObject(response)) ask.answers[key] = response;
    }
    if (Object.keys(openOf(ask)).length > 0) return;
    this.#asks.shift();
    ask.answered.resolve(ask.answers);
  }

  end(reason: unknown): void {
    this.#abort.abort(reason);
  }

  #answer({ requests, signal }: AskedInput): Promise<JsonObject> | undefined {
    if (!canAnswer(this.#request.client.capabilities, requests)) return undefined;
    const ask: Ask = { requests, answers: {}, answered: Promise.withResolvers() };
    const onAbort = (): void => {
      const at = this.#asks.indexOf(ask);
      if (at !== -1) this.#asks.splice(at, 1);
      ask.answered.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#asks.push(ask);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
    return ask.answered.promise.finally(() => signal.removeEventListener('abort', onAbort));
  }
}

function openOf({ requests, answers }: Ask): JsonObject {
  return Object.fromEntries(Object.entries(requests).filter(([key]) => answers[key] === undefined));
}
