import { acceptedMedia } from './media.ts';
import type { Model, ModelEvent, ModelFailure, ModelLimits, ModelRequest } from './model.ts';

/**
 * Asks the next model where one fails for whatever reason but `cancelled`: another provider may hold a key that works,
 * take a request that this one refuses, or have a larger window. The failure of the last names those of all.
 */
export function fallback(models: readonly [Model, ...Model[]]): Model {
  const [first, ...others] = models;
  if (others.length === 0) return first;

  async function* stream(
    request: ModelRequest,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    const failures: ModelFailure[] = [];
    for (const [index, model] of models.entries()) {
      let failure: ModelFailure | undefined;
      for await (const event of model.stream(request, options)) {
        if (event.type === 'error') failure = event.failure;
        else yield event;
      }
      if (failure === undefined) return;
      failures.push(failure);
      const next = models[index + 1];
      if (next === undefined || failure.code === 'cancelled') {
        yield { type: 'error', failure: failure.code === 'cancelled' ? failure : summary(failure, failures) };
        return;
      }
      yield { type: 'restart', reason: 'fallback', model: next.id, failure, delayMs: 0 };
    }
  }

  return {
    id: first.id,
    limits: commonLimits(models.map(({ limits }) => limits)),
    async costUsd(usage) {
      const costs = await Promise.all(models.map((model) => model.costUsd(usage)));
      const known = costs.filter((cost) => cost !== undefined);
      return known.length === costs.length ? Math.max(...known) : undefined;
    },
    stream,
  };
}

function summary(last: ModelFailure, failures: readonly ModelFailure[]): ModelFailure {
  const message = `All ${failures.length} models failed. ${failures.map((failure) => failure.message).join(' ')}`;
  return { ...last, message, retryable: failures.some(({ retryable }) => retryable) };
}

/** What every candidate can do: a request is made before it is known who answers. */
export function commonLimits(limits: readonly ModelLimits[]): ModelLimits {
  const contextWindowTokens = smallest(limits.map((limit) => limit.contextWindowTokens));
  const maxOutputTokens = smallest(limits.map((limit) => limit.maxOutputTokens));
  return {
    maxTools: Math.min(...limits.map(({ maxTools }) => maxTools)),
    ...(limits.every(({ toolUse }) => toolUse === 'single') ? { toolUse: 'single' as const } : {}),
    accepts: {
      images: limits.every((limit) => acceptedMedia(limit).images),
      audio: limits.every((limit) => acceptedMedia(limit).audio),
    },
    ...(contextWindowTokens === undefined ? {} : { contextWindowTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
