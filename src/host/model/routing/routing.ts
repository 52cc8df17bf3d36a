/** The choice between the candidates of a routed alias: what goes in, what comes out. Types only. */
import type { Model, ModelRequest } from '../model.ts';
import type { Complexity, Domain } from './complexity.ts';
import type { RouteSurroundings } from './facts.ts';

export interface Routing {
  /** Takes times from this process: a run takes the decision in a step. Rejects with HostError `no-model-fits`. */
  choose(request: ModelRequest, around?: RouteSurroundings): Promise<RouteDecision>;
  /**
   * The model of a decision: the first of the names answers, the others stand in. Undefined where none of the names is a
   * candidate any more.
   */
  take(names: readonly string[]): Model | undefined;
}

export interface RoutedCandidate {
  /** As the route writes it, and of one kind once. */
  readonly name: string;
  readonly model: Model;
  /** Why it cannot answer here, whatever is asked: it has no key, it is not pulled. */
  readonly problem?: string;
  readonly upTo: number;
  readonly goodAt: readonly Domain[];
}

export type RouteDecision = {
  /** Those that may answer, best first. */
  readonly order: readonly string[];
  readonly complexity: Complexity;
  readonly candidates: readonly RatedCandidate[];
};

/** In the route's order. */
export type RatedCandidate = {
  readonly name: string;
  /** Absent where it was left out. */
  readonly score?: number;
  readonly reasons: readonly string[];
  readonly leftOut?: string;
};
