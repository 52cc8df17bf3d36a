import type { Model, ModelEvent, ModelRequest } from './model.ts';

/**
 * Ends a stream in which nothing comes for so long, before the first event or between two, with the failure `timeout`.
 * The time that the reader takes over an event does not count.
 */
export function idleTimeout(model: Model, timeoutMs: number): Model {
  async function* stream(
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    const stalled = new AbortController();
    let waitingSince: number | undefined;
    const check = (): void => {
      const waitedMs = waitingSince === undefined ? 0 : performance.now() - waitingSince;
      if (waitedMs >= timeoutMs) stalled.abort();
      else timer = setTimeout(check, timeoutMs - waitedMs);
    };
    // One timer for the whole stream: arming one for each event would cost more than reading it.
    let timer = setTimeout(check, timeoutMs);
    try {
      waitingSince = performance.now();
      for await (const event of model.stream(request, {
        signal: AbortSignal.any([signal, stalled.signal]),
      })) {
        waitingSince = undefined;
        if (event.type === 'error' && stalled.signal.aborted && !signal.aborted)
          yield stall(model.id, timeoutMs);
        else yield event;
        waitingSince = performance.now();
      }
    } finally {
      clearTimeout(timer);
    }
  }
  return { id: model.id, limits: model.limits, priceKnown: () => model.priceKnown(), stream };
}

function stall(model: string, timeoutMs: number): ModelEvent {
  const message = `${model}: nothing came for ${timeoutMs / 1000} s. Try again, or name a second model as fallback.`;
  return { type: 'error', failure: { code: 'timeout', message, retryable: true, model } };
}
