/**
 * One operation of a modern client from its first request to its result, over as many requests as its servers need input.
 * It goes on while the client looks for an answer: a server of the 2025 era holds its call open meanwhile.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { Progress } from '../../registry/contract.ts';
import type { AskedInput, CallerInput } from '../tool-call/caller-input.ts';
import { canAnswer } from './client-input.ts';
import type { ClientRequest } from './client-request.ts';

/** What was asked at once, under the keys that the server gave. */
interface Ask {
  readonly questions: readonly Question[];
  readonly answered: PromiseWithResolvers<JsonObject>;
}

interface Question {
  readonly ownKey: string;
  /** Distinct among all that is open. */
  readonly key: string;
  readonly request: Json;
  answer?: JsonObject;
}

/** Servers of the 2025 era ask one by one what they ask at once. */
const GATHER_MS = 10;

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
  /** What the first request brought without having been asked: answers to what it knows is asked. */
  #brought: Json | undefined;
  #request: ClientRequest;
  #wake = Promise.withResolvers<void>();

  constructor(request: ClientRequest, perform: (request: ClientRequest) => Promise<JsonObject>) {
    this.#request = request;
    this.#brought = request.params['inputResponses'];
    const input: CallerInput = {
      client: request.key,
      capabilities: request.client.capabilities,
      asksForUrls: true,
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
        if (this.#asks.length > 0) await this.#gathered();
        if (this.#asks.length > 0) return { type: 'input-required', inputRequests: this.#open() };
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
    if (!isJsonObject(responses)) return;
    for (const ask of [...this.#asks]) {
      for (const question of ask.questions) {
        const response = responses[question.key];
        if (isJsonObject(response)) question.answer = response;
      }
      if (ask.questions.some(({ answer }) => answer === undefined)) continue;
      this.#asks.splice(this.#asks.indexOf(ask), 1);
      const answers = ask.questions.flatMap(({ ownKey, answer }) =>
        answer ? [[ownKey, answer] as const] : [],
      );
      ask.answered.resolve(Object.fromEntries(answers));
    }
  }

  end(reason: unknown): void {
    this.#abort.abort(reason);
  }

  #answer({ requests, signal }: AskedInput): Promise<JsonObject> | undefined {
    if (!canAnswer(this.#request.client.capabilities, requests)) return undefined;
    const ask: Ask = { questions: this.#questionsOf(requests), answered: Promise.withResolvers() };
    const onAbort = (): void => {
      const at = this.#asks.indexOf(ask);
      if (at !== -1) this.#asks.splice(at, 1);
      ask.answered.reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#asks.push(ask);
    this.take(this.#brought);
    this.#brought = undefined;
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
    return ask.answered.promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  #questionsOf(requests: JsonObject): readonly Question[] {
    const taken = new Set(this.#asks.flatMap(({ questions }) => questions.map(({ key }) => key)));
    return Object.entries(requests).map(([ownKey, request]) => {
      let key = ownKey;
      for (let count = 2; taken.has(key); count += 1) key = `${ownKey}-${count}`;
      return { ownKey, key, request };
    });
  }

  #open(): JsonObject {
    const questions = this.#asks.flatMap((ask) => ask.questions);
    const open = questions.filter(({ answer }) => answer === undefined);
    return Object.fromEntries(open.map(({ key, request }) => [key, request]));
  }

  /** Resolves when nothing more is asked for a moment. */
  async #gathered(): Promise<void> {
    let known = 0;
    while (known !== this.#asks.length) {
      known = this.#asks.length;
      await delay(GATHER_MS);
    }
  }
}
