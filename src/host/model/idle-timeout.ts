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
      // Linked by hand: AbortSignal.any costs weak references and their collection for every answer.
      const linked = new AbortController();
      const abort = (): void => linked.abort(signal.reason);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
      const events = model.stream(request, { signal: linked.signal })[Symbol.asyncIterator]();
      let isStalled = false;
      let waitingSince: number | undefined;
      const check = (): void => {
        const waitedMs = waitingSince === undefined ? 0 : performance.now() - waitingSince;
        isStalled = waitedMs >= timeoutMs;
        if (isStalled) linked.abort();
        else timer = setTimeout(check, timeoutMs - waitedMs);
      };
      // One timer for the whole stream: arming one for each event would cost more than reading it.
      let timer = setTimeout(check, timeoutMs);
      const release = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const take = (result: IteratorResult<ModelEvent>): IteratorResult<ModelEvent> => {
        waitingSince = undefined;
        if (result.done) release();
        else if (result.value.type === 'error' && isStalled && !signal.aborted) {
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
          release();
          await events.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  });
  return { id: model.id, limits: model.limits, costUsd: (usage) => model.costUsd(usage), stream };
}

function stall(model: string, timeoutMs: number): ModelEvent {
  const message = `${model}: nothing came for ${timeoutMs / 1000} s. Try again, or name a second model as fallback.`;
  return { type: 'error', failure: { code: 'timeout', message, retryable: true, model } };
}
