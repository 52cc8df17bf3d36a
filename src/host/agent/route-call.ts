/** The choice for a single request to a routed alias, by whoever did not choose before. */
import type { RunContext } from '../context.ts';
import type { Model, ModelRequest } from '../model/model.ts';
import type { RouteDecision } from '../model/routing/routing.ts';

/** How many requests of a path were chosen for. */
const chosen = new WeakMap<RunContext, number>();

/**
 * The model that answers. What is chosen is journaled on a branch of its own, so that a run whose alias is not routed any
 * more finds its other steps where they were.
 */
export async function modelForCall(
  context: RunContext,
  model: Model,
  { alias, request }: { readonly alias: string; readonly request: ModelRequest },
): Promise<Model> {
  const { routing } = model;
  if (routing === undefined && context.run.replay === undefined) return model;
  const count = (chosen.get(context) ?? 0) + 1;
  chosen.set(context, count);
  const branch = context.branch(`model-route-${count}`);
  // What is in the journal was answered before, whoever was chosen.
  if (!branch.isJournaled && (routing === undefined || context.isJournaled)) return model;
  const moneyLimit = context.budget.counted.usd;
  const { id, decision } = await branch.step('model-route', async () => {
    const made = await (routing as NonNullable<typeof routing>).choose(request, { moneyLimit });
    return { id: routing?.take(made.order)?.id ?? alias, decision: made } satisfies {
      readonly id: string;
      readonly decision: RouteDecision;
    };
  });
  const { complexity, candidates, order } = decision;
  branch.emit({ type: 'model-route', alias, model: id, complexity, candidates });
  return routing?.take(order) ?? model;
}
