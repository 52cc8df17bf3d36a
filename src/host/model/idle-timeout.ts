import type { Model, ModelEvent, ModelRequest } from './model.ts';

/**
 * Ends a stream in which nothing comes for so long, before the first event or between two, with the failure `timeout`.
 * The time that the reader takes over an event does not count.
 */
export function idleTimeout(model: Model, timeoutMs: number): Model {
  const stream = (
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> => ({
    // An iterator of its own and no generator: it stands in the way of every event of every answer.
    [Symbol.asyncIterator]() {
      const stalled = new AbortController();
      const events = model
        .stream(request, { signal: AbortSignal.any([signal, stalled.signal]) })
        [Symbol.asyncIterator]();
      let waitingSince: number | undefined;
      const check = (): void => {
        const waitedMs = waitingSince === undefined ? 0 : performance.now() - waitingSince;
        if (waitedMs >= timeoutMs) stalled.abort();
        else timer = setTimeout(check, timeoutMs - waitedMs);
      };
      // One timer for the whole stream: arming one for each event would cost more than reading it.
      let timer = setTimeout(check, timeoutMs);
      const take = (result: IteratorResult<ModelEvent>): IteratorResult<ModelEvent> => {
        waitingSince = undefined;
        if (result.done) clearTimeout(timer);
        else if (result.value.type === 'error' && stalled.signal.aborted && !signal.aborted) {
          return { done: false, value: stall(model.id, timeoutMs) };
        }
        return result;
      };
      return {
        next() {
          waitingSince = performance.now();
          return events.next().then(take);
        },
        async return() {
          clearTimeout(timer);
          await events.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  });
  return { id: model.id, limits: model.limits, priceKnown: () => model.priceKnown(), stream };
}

function stall(model: string, timeoutMs: number): ModelEvent {
  const message = `${model}: nothing came for ${timeoutMs / 1000} s. Try again, or name a second model as fallback.`;
  return { type: 'error', failure: { code: 'timeout', message, retryable: true, model } };
}
