/** What an alias of `models` stands for. */
import type { OwnCheck } from '../host/model/cascade/check.ts';
import type { Domain } from '../host/model/routing/complexity.ts';
import type { RouteWeights } from '../host/model/routing/rate.ts';
import type { ModelCandidate } from './model-candidate.ts';

/** A list is tried in its order. */
export type ModelEntry = readonly ModelCandidate[] | ModelRoute | ModelCascade;

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

/** The first is asked, and the next where its answer is not taken. */
export type ModelCascade = {
  readonly type: 'cascade';
  readonly models: readonly ModelPart[];
  readonly accept?: CascadeAccept;
};

/** What an answer has to be to be taken; the first four hold unless they are false. */
export type CascadeAccept = {
  readonly refusal?: boolean;
  readonly empty?: boolean;
  readonly toolArguments?: boolean;
  readonly output?: boolean;
  /** Patterns of RE2, over answers in words. */
  readonly matches?: string;
  readonly lacks?: string;
  readonly judge?: { readonly model: ModelPart; readonly instructions?: string };
  /** Of a program alone. */
  readonly check?: OwnCheck;
};

/** A candidate, or an alias that stands for one or for a list. */
export type ModelPart = ModelCandidate | { readonly alias: string };

export function isRoute(entry: ModelEntry): entry is ModelRoute {
  return 'type' in entry && entry.type === 'route';
}

export function isCascade(entry: ModelEntry): entry is ModelCascade {
  return 'type' in entry && entry.type === 'cascade';
}

/** Every candidate that an entry names itself. */
export function candidatesOf(entry: ModelEntry): readonly ModelCandidate[] {
  const judge = isCascade(entry) && entry.accept?.judge !== undefined ? [entry.accept.judge.model] : [];
  return [...partsOf(entry), ...judge].flatMap((part) => ('alias' in part ? [] : [part]));
}

/** As they are written. */
export function partNames(entry: ModelEntry): readonly string[] {
  return partsOf(entry).map(partName);
}

export function partName(part: ModelPart): string {
  return 'alias' in part ? part.alias : part.model;
}

function partsOf(entry: ModelEntry): readonly ModelPart[] {
  if (isRoute(entry)) return entry.candidates.map(({ model }) => model);
  return isCascade(entry) ? entry.models : (entry as readonly ModelCandidate[]);
}
