import { setTimeout as delay } from 'node:timers/promises';

import { ExponentialBackoff, type IBackoff } from 'cockatiel';

import { cancelledFailure } from './failure.ts';
import { idleTimeout } from './idle-timeout.ts';
import type { Model, ModelEvent, ModelFailure, ModelRequest } from './model.ts';

export interface RetryOptions {
  readonly maxAttempts?: number;
  readonly initialDelayMs?: number;
  readonly maxDelayMs?: number;
  /** A provider that asks to wait longer is not waited for: the failure is passed on. */
  readonly maxRetryAfterMs?: number;
  /** Nothing for so long, before the first event or between two, is the failure `timeout`. */
  readonly idleTimeoutMs?: number;
}

/**
 * Starts a stream over after a failure that may pass, saying so with `restart`. Waits for what the provider's
 * `retry-after` says, else for an exponentially growing time with decorrelated jitter.
 */
export function retry(
  model: Model,
  {
    maxAttempts = 3,
    initialDelayMs = 500,
    maxDelayMs = 20_000,
    maxRetryAfterMs = 60_000,
    idleTimeoutMs = 120_000,
  }: RetryOptions = {},
): Model {
  const inner = idleTimeout(model, idleTimeoutMs);
  // The library's policies wrap promises, not streams: only its arithmetic is used.
  const backoff = new ExponentialBackoff({ initialDelay: initialDelayMs, maxDelay: maxDelayMs });

  async function* stream(
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    let step: IBackoff<unknown> | undefined;
    for (let attempt = 1; ; attempt += 1) {
      let failure: ModelFailure | undefined;
      for await (const event of inner.stream(request, { signal })) {
        if (event.type === 'error') failure = event.failure;
        else yield event;
      }
      if (failure === undefined) return;
      step = step?.next(undefined) ?? backoff.next();
      const delayMs = Math.round(failure.retryAfterMs ?? step.duration);
      const waitsTooLong = (failure.retryAfterMs ?? 0) > maxRetryAfterMs;
      if (!failure.retryable || waitsTooLong || attempt >= maxAttempts) {
        yield { type: 'error', failure };
        return;
      }
      yield { type: 'restart', reason: 'retry', model: model.id, failure, delayMs };
      if (!(await waited(delayMs, signal))) {
        yield { type: 'error', failure: cancelledFailure(model.id) };
        return;
      }
    }
  }
  return { id: model.id, limits: model.limits, priceKnown: () => model.priceKnown(), stream };
}

/** False: the signal fired. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
