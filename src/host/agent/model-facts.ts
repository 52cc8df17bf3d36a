import type { RunContext } from '../context.ts';
import { acceptedMedia } from '../model/media.ts';
import type { ModelLimits, ModelRequest } from '../model/model.ts';
import type { RouteSurroundings } from '../model/routing/facts.ts';
import type { RouteDecision } from '../model/routing/routing.ts';

/** A model by its alias; of a routed one with the names of those that were chosen, best first. */
export type ChosenModel = { readonly alias: string; readonly candidates?: readonly string[] };

export type ModelFacts = {
  readonly id: string;
  readonly limits: ModelLimits;
  /** Present where the alias is routed. */
  readonly route?: {
    readonly decision: RouteDecision;
    /** What one candidate or another can do. */
    readonly widest: ModelLimits;
  };
};

/** What is to be chosen for, as a model of these limits would be asked. */
export type FirstRequest = (limits: ModelLimits) => RouteSurroundings & { readonly request: ModelRequest };

export interface ModelFactsOptions {
  /** Without it nothing is chosen. */
  readonly first?: FirstRequest;
  /** The model that cannot go on. */
  readonly instead?: string;
}

/**
 * What a run takes a model for, in a step: a resumed run may find another model under the alias, or would choose another one
 * by what was measured since.
 */
export async function modelFacts(
  context: RunContext,
  alias: string,
  { first, instead }: ModelFactsOptions = {},
): Promise<ModelFacts> {
  const facts = await context.step('model-facts', async (): Promise<ModelFacts> => {
    const { id, limits, choose } = context.model(alias);
    if (choose === undefined || first === undefined) return { id, limits: { ...limits } };
    const { request, ...around } = first(limits);
    const moneyLimit = context.budget.counted.usd;
    const decision = await choose(request, { ...around, moneyLimit });
    const chosen = context.model(alias, decision.order);
    return { id: chosen.id, limits: { ...chosen.limits }, route: { decision, widest: { ...limits } } };
  });
  if (facts.route !== undefined) {
    const { complexity, candidates } = facts.route.decision;
    context.emit({
      type: 'model-route',
      alias,
      model: facts.id,
      ...(instead === undefined ? {} : { instead }),
      complexity,
      candidates,
    });
  }
  return facts;
}

export function chosenModel(alias: string, { route }: Pick<ModelFacts, 'route'>): ChosenModel {
  return route === undefined ? { alias } : { alias, candidates: route.decision.order };
}

/** What of a tool's answer is kept for the next request: what any candidate takes, because that one can take over. */
export function mediaOf({ limits, route }: ModelFacts): ReturnType<typeof acceptedMedia> {
  return acceptedMedia(route?.widest ?? limits);
}
