import type { RunContext } from '../context.ts';
import type { ModelLimits } from '../model/model.ts';

export type ModelFacts = { readonly id: string; readonly limits: ModelLimits };

/** What a run takes a model for, in a step: a resumed run may find another model under the alias. */
export function modelFacts(context: RunContext, alias: string): Promise<ModelFacts> {
  return context.step('model-facts', async () => {
    const { id, limits } = context.model(alias);
    return { id, limits: { ...limits } };
  });
}
