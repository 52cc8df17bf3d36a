import { HostError } from '../../errors.ts';
import type { ModelHandle, ModelResult, RunContext, StepContext } from '../context.ts';
import { limitReached } from '../engine/limit.ts';
import type { Model, ModelEvent, ModelRequest } from '../model/model.ts';

/** A model whose every call is one journaled step, counted in the run's budget and told as events. */
export function createModelHandle(context: RunContext, model: Model): ModelHandle {
  return {
    id: model.id,
    limits: model.limits,
    generate: async (request) => {
      await refuseBeyondBudget(context, model);
      const result = await context.step('model', (step) => callModel(step, model, request));
      if (result.type === 'message') {
        context.budget.spend({ model: { usage: result.usage, costUsd: result.costUsd } });
      }
      return result;
    },
  };
}

async function refuseBeyondBudget(context: RunContext, model: Model): Promise<void> {
  const { maxUsd } = context.budget.limits;
  if (maxUsd !== undefined && !(await model.priceKnown())) {
    throw new HostError(
      'price-unknown',
      `The price of ${model.id} is unknown, so a limit of $${maxUsd} cannot be kept. Set "price" for it under models in mcp.config.json, or leave the limit out.`,
    );
  }
  const exceeded = context.budget.exceeded();
  if (exceeded && exceeded.limit !== 'turns') throw limitReached(exceeded.limit, exceeded.message);
}

async function callModel(step: StepContext, model: Model, request: ModelRequest): Promise<ModelResult> {
  const started = performance.now();
  step.emit({ type: 'model-start', step: step.id, model: model.id });
  for await (const event of model.stream(request, { signal: step.signal })) {
    const result = take(step, event, started);
    if (result) return result;
  }
  throw new HostError('internal', `The stream of ${model.id} ended without message-end or error.`);
}

/** Tells one event on; the last one of a stream gives the result. */
function take(step: StepContext, event: ModelEvent, started: number): ModelResult | undefined {
  switch (event.type) {
    case 'text-delta':
    case 'thinking-delta':
    case 'tool-input-delta':
      step.emit(event);
      return undefined;
    case 'tool-input-start':
      return undefined;
    case 'restart':
      step.restart(event.reason, { failure: event.failure, delayMs: event.delayMs });
      return undefined;
    case 'message-end': {
      const { message, stopReason, usage, model, costUsd } = event;
      const answer = { message, stopReason, usage, model, ...(costUsd === undefined ? {} : { costUsd }) };
      for (const note of event.notes ?? [])
        step.emit({ type: 'notice', level: 'info', code: 'schema-adapted', message: note });
      step.emit({ type: 'model-end', step: step.id, ...answer, durationMs: performance.now() - started });
      return { type: 'message', ...answer };
    }
    case 'error':
      if (step.signal.aborted) throw step.signal.reason;
      step.emit({ type: 'model-error', step: step.id, failure: event.failure });
      return { type: 'error', failure: event.failure };
    default:
      return event satisfies never;
  }
}
