import { messageOf } from '../../../errors.ts';
import { fallback } from '../fallback.ts';
import { acceptedMedia } from '../media.ts';
import type { Model, ModelEvent, ModelLimits, ModelRequest } from '../model.ts';
import { inability, lackOfRoom } from './capability.ts';
import { decide, type RouteSettings } from './decide.ts';
import { type RouteFacts, type RouteSurroundings, routeFacts } from './facts.ts';
import type { RoutedCandidate, Routing } from './routing.ts';

/** An estimate of a whole request; it is given, because counting knows messages and tools. */
export type EstimateInput = (request: ModelRequest) => number;

/**
 * One of several models for each request, as `choose` of its `routing` says; who streams from it without choosing gets the
 * choice of the moment. Its limits are the widest of those that may answer, its cost the highest.
 */
export function routed(
  candidates: readonly [RoutedCandidate, ...RoutedCandidate[]],
  settings: RouteSettings,
  estimate: EstimateInput,
): Model & { readonly routing: Routing } {
  const byName = new Map(candidates.map((candidate) => [candidate.name, candidate.model]));
  const ready = candidates.filter(({ problem }) => problem === undefined);
  const possible = (ready.length === 0 ? candidates : ready).map(({ model }) => model);
  const factsOf = (request: ModelRequest, around?: RouteSurroundings): RouteFacts => {
    const inputTokens = estimate(request);
    const historyTokens = Math.max(
      0,
      inputTokens - estimate({ ...request, messages: request.messages.slice(-1) }),
    );
    return routeFacts(request, { inputTokens, historyTokens }, around);
  };
  const routing: Routing = {
    choose: async (request, around) => decide(candidates, factsOf(request, around), settings),
    take(names) {
      const [first, ...others] = names.flatMap((name) => byName.get(name) ?? []);
      return first === undefined ? undefined : standIns([first, ...others], factsOf);
    },
  };

  async function* stream(
    request: ModelRequest,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    let model: Model | undefined;
    try {
      model = routing.take((await routing.choose(request)).order);
    } catch (thrown) {
      const failure = {
        code: 'invalid-request',
        message: messageOf(thrown),
        retryable: false,
        model: settings.alias,
      } as const;
      yield { type: 'error', failure };
      return;
    }
    if (model !== undefined) yield* model.stream(request, options);
  }

  return {
    id: settings.alias,
    limits: widestLimits(possible.map(({ limits }) => limits)),
    costUsd: (usage) => highestCost(possible, usage),
    stream,
    routing,
  };
}

/** The first answers; of the others, those that can take the request stand in where it fails. */
function standIns(
  models: readonly [Model, ...Model[]],
  factsOf: (request: ModelRequest) => RouteFacts,
): Model {
  const [first, ...others] = models;
  return {
    id: first.id,
    limits: first.limits,
    costUsd: (usage) => highestCost(models, usage),
    stream(request, options) {
      if (others.length === 0) return first.stream(request, options);
      const facts = factsOf(request);
      const able = others.filter(
        ({ limits }) =>
          inability(limits, facts) === undefined && lackOfRoom(limits, facts.inputTokens) === undefined,
      );
      return fallback([first, ...able]).stream(request, options);
    },
  };
}

async function highestCost(
  models: readonly Model[],
  usage: Parameters<Model['costUsd']>[0],
): Promise<number | undefined> {
  const costs = await Promise.all(models.map((model) => model.costUsd(usage)));
  const known = costs.filter((cost) => cost !== undefined);
  return known.length === costs.length ? Math.max(...known) : undefined;
}

/** What one of them or another can do: the choice goes by it. */
function widestLimits(limits: readonly ModelLimits[]): ModelLimits {
  const contextWindowTokens = largest(limits.map((limit) => limit.contextWindowTokens));
  const maxOutputTokens = largest(limits.map((limit) => limit.maxOutputTokens));
  return {
    maxTools: Math.max(...limits.map(({ maxTools }) => maxTools)),
    ...(limits.every(({ toolUse }) => toolUse === 'single') ? { toolUse: 'single' as const } : {}),
    accepts: {
      images: limits.some((limit) => acceptedMedia(limit).images),
      audio: limits.some((limit) => acceptedMedia(limit).audio),
    },
    ...(contextWindowTokens === undefined ? {} : { contextWindowTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

/** Undefined where one is unknown: it may be the largest. */
function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length < values.length ? undefined : Math.max(...known);
}
