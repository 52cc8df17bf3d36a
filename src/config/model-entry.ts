/** What an alias of `models` stands for. */
import type { Domain } from '../host/model/routing/complexity.ts';
import type { RouteWeights } from '../host/model/routing/rate.ts';
import type { ModelCandidate } from './model-candidate.ts';

/** A list is tried in its order. */
export type ModelEntry = readonly ModelCandidate[] | ModelRoute;

/** One candidate for each request, or for each conversation of an agent. */
export type ModelRoute = {
  readonly type: 'route';
  /** The weakest first. */
  readonly candidates: readonly RoutePart[];
  /** Complexity, cost and latency alike where it is left out. */
  readonly by?: RouteWeights;
  /** How long an answer is taken to be; 500 by default. */
  readonly outputTokens?: number;
};

export type RoutePart = {
  readonly model: ModelPart;
  /** The complexity of requests, from 0 to 100, up to which it is strong enough; by default by its place in the list. */
  readonly upTo?: number;
  readonly goodAt?: readonly Domain[];
};

/** A candidate, or an alias that stands for one or for a list. */
export type ModelPart = ModelCandidate | { readonly alias: string };

/** Every candidate that an entry names itself. */
export function candidatesOf(entry: ModelEntry): readonly ModelCandidate[] {
  if (!('type' in entry)) return entry;
  return entry.candidates.flatMap(({ model }) => ('alias' in model ? [] : [model]));
}

/** As they are written. */
export function partNames(entry: ModelEntry): readonly string[] {
  if (!('type' in entry)) return entry.map(({ model }) => model);
  return entry.candidates.map(({ model }) => partName(model));
}

export function partName(part: ModelPart): string {
  return 'alias' in part ? part.alias : part.model;
}
