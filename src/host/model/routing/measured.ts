import type { Model, ModelEvent, ModelRequest } from '../model.ts';
import type { LatencyBook } from './latency-book.ts';

/** Fewer tokens come in one piece, and say nothing of how fast more would come. */
const MIN_TOKENS = 8;

/** Notes how long the first token of each answer took, retries included, and each one after it. */
export function measured(model: Model, book: Pick<LatencyBook, 'record'>): Model {
  async function* stream(
    request: ModelRequest,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    const startedMs = performance.now();
    let firstMs: number | undefined;
    for await (const event of model.stream(request, options)) {
      if (event.type === 'restart') firstMs = undefined;
      else if (event.type !== 'error' && event.type !== 'waiting') firstMs ??= performance.now();
      if (event.type === 'message-end' && firstMs !== undefined) {
        const { outputTokens, unknown } = event.usage;
        const isLong = unknown !== true && outputTokens >= MIN_TOKENS;
        book.record(event.model, {
          firstTokenMs: firstMs - startedMs,
          ...(isLong ? { msPerToken: (performance.now() - firstMs) / outputTokens } : {}),
        });
      }
      yield event;
    }
  }
  return { ...model, costUsd: (usage) => model.costUsd(usage), stream };
}
