import { setTimeout as delay } from 'node:timers/promises';

import { ExponentialBackoff, type IBackoff } from 'cockatiel';

import { cancelledFailure } from './failure.ts';
import type { Model, ModelEvent, ModelFailure, ModelRequest } from './model.ts';

export interface RetryOptions {
  readonly maxAttempts?: number;
  readonly initialDelayMs?: number;
  readonly maxDelayMs?: number;
  /** A provider that asks to wait longer is not waited for: the failure is passed on. */
  readonly maxRetryAfterMs?: number;
}

/**
 * Starts a stream over after a failure that may pass, saying so with `restart`. Waits for what the provider's
 * `retry-after` says, else for an exponentially growing time with decorrelated jitter.
 */
export function retry(
  model: Model,
  { maxAttempts = 3, initialDelayMs = 500, maxDelayMs = 20_000, maxRetryAfterMs = 60_000 }: RetryOptions = {},
): Model {
  // The library's policies wrap promises, not streams: only its arithmetic is used.
  const backoff = new ExponentialBackoff({ initialDelay: initialDelayMs, maxDelay: maxDelayMs });

  const stream = (
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> => ({
    // An iterator of its own and no generator: it stands in the way of every event of every answer.
    [Symbol.asyncIterator]() {
      const begin = () => model.stream(request, { signal })[Symbol.asyncIterator]();
      let events = begin();
      let attempt = 1;
      let step: IBackoff<unknown> | undefined;
      /** Set between `restart` and the next attempt. */
      let pauseMs: number | undefined;
      let isOver = false;

      const last = (failure: ModelFailure): Result => {
        isOver = true;
        return { done: false, value: { type: 'error', failure } };
      };
      const afterFailure = async (failure: ModelFailure): Promise<Result> => {
        await events.return?.();
        step = step?.next(undefined) ?? backoff.next();
        const delayMs = Math.round(failure.retryAfterMs ?? step.duration);
        const waitsTooLong = (failure.retryAfterMs ?? 0) > maxRetryAfterMs;
        if (!failure.retryable || waitsTooLong || attempt >= maxAttempts) return last(failure);
        attempt += 1;
        pauseMs = delayMs;
        const restart = { type: 'restart', reason: 'retry', model: model.id, failure, delayMs } as const;
        return { done: false, value: restart };
      };
      const take = (result: Result): Result | Promise<Result> =>
        result.done || result.value.type !== 'error' ? result : afterFailure(result.value.failure);
      const again = async (ms: number): Promise<Result> => {
        pauseMs = undefined;
        if (!(await waited(ms, signal))) return last(cancelledFailure(model.id));
        events = begin();
        return events.next().then(take);
      };
      return {
        next() {
          if (isOver) return Promise.resolve({ done: true, value: undefined });
          return pauseMs === undefined ? events.next().then(take) : again(pauseMs);
        },
        async return() {
          isOver = true;
          await events.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  });
  return { id: model.id, limits: model.limits, costUsd: (usage) => model.costUsd(usage), stream };
}

type Result = IteratorResult<ModelEvent>;

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
