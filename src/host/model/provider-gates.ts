/** What all runs of a process share of each provider: whether it works, and how much it may be asked. */
import { createHash } from 'node:crypto';

import type { RequestLimits } from '../../config/model-limits.ts';
import { gated } from './gated.ts';
import type { Model, ModelFailure } from './model.ts';
import { type BreakerOptions, ProviderBreaker } from './provider-breaker.ts';
import { originOf } from './provider-data.ts';
import { type HeaderReader, usedUpForMs } from './rate-headers.ts';
import { RequestQueue } from './request-queue.ts';

export interface ProviderGate {
  /** Asks through the gate. To be put around one attempt, inside of `retry`. */
  guard(model: Model): Model;
  /** Why a request is better not made at this moment. */
  readonly refusal: (model: string) => ModelFailure | undefined;
  /** Told the headers of each answer. */
  readonly learn: (header: HeaderReader) => void;
}

export interface GateKey {
  readonly provider: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
}

export class ProviderGates {
  readonly #limits: (name: string) => RequestLimits | undefined;
  readonly #breakerOptions: BreakerOptions;
  readonly #breakers = new Map<string, ProviderBreaker>();
  readonly #queues = new Map<string, RequestQueue>();

  /** `limits` is asked by `provider` and by `provider/name`, at each request. */
  constructor(
    limits: (name: string) => RequestLimits | undefined = () => undefined,
    breakerOptions: BreakerOptions = {},
  ) {
    this.#limits = limits;
    this.#breakerOptions = breakerOptions;
  }

  /** Providers count what they are asked by key, and most of them by model; they break down as a whole. */
  of({ provider, name, baseUrl, apiKey = '' }: GateKey): ProviderGate {
    const model = `${provider}/${name}`;
    const { at } = originOf('chat-completions', baseUrl, model);
    const account = createHash('sha256').update(`${baseUrl}\n${apiKey}`).digest('hex');
    const breaker =
      this.#breakers.get(`${provider} ${baseUrl}`) ??
      new ProviderBreaker(`${provider} at ${at}`, this.#breakerOptions);
    this.#breakers.set(`${provider} ${baseUrl}`, breaker);
    const ofModel = this.#queue(`${model} ${account}`, model);
    const ofProvider = this.#queue(`${provider} ${account}`, provider);
    return {
      guard: (inner) => gated(inner, { breaker, queues: [ofModel, ofProvider] }),
      refusal: (asked) => breaker.refusal(asked),
      learn(header) {
        const waitMs = usedUpForMs(header);
        if (waitMs !== undefined && waitMs > 0) ofModel.pause(waitMs);
      },
    };
  }

  #queue(key: string, name: string): RequestQueue {
    const queue = this.#queues.get(key) ?? new RequestQueue(() => this.#limits(name) ?? {});
    this.#queues.set(key, queue);
    return queue;
  }
}
