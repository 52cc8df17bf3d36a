import { HostError } from '../../errors.ts';
import type {
  BudgetReservation,
  ModelCost,
  ModelHandle,
  ModelResult,
  RunContext,
  StepContext,
} from '../context.ts';
import { withDelimitedResults } from '../guard/untrusted.ts';
import type { Guards } from '../guard/verdict.ts';
import type { AssistantMessage, Model, ModelEvent, ModelRequest } from '../model/model.ts';
import { sumOf } from '../model/spent.ts';
import { AnswerStream } from './answer-stream.ts';
import { expectedCost } from './expected-cost.ts';
import { modelForCall } from './route-call.ts';

export interface ModelHandleOptions {
  /** The name that it goes by. */
  readonly alias: string;
  readonly guards: Guards;
  /** Of a routed alias: those that were chosen, best first. */
  readonly candidates?: readonly string[];
}

/** A model whose every call is one journaled step, counted in the run's budget and told as events. */
export function createModelHandle(
  context: RunContext,
  found: Model,
  { alias, guards, candidates }: ModelHandleOptions,
): ModelHandle {
  const chosen = candidates === undefined ? undefined : (found.routing?.take(candidates) ?? found);
  const { id, limits, routing } = chosen ?? found;
  return {
    id,
    limits,
    ...(routing === undefined
      ? {}
      : { choose: (request, surroundings) => routing.choose(request, surroundings) }),
    generate: async (request, { draft = false } = {}) => {
      const model = chosen ?? (await modelForCall(context, found, { alias, request }));
      const wanted = await wantedOf(context, model, request);
      using reservation = await context.reserve({ model: wanted });
      const result = await context.step('model', (step) =>
        callModel(step, model, request, {
          guards,
          draft,
          cacheKey: context.run.sessionId ?? context.run.id,
        }),
      );
      settle(reservation, result);
      return result;
    },
  };
}

/** All that the call came to: an answer that was not taken is paid for as well. */
function settle(reservation: BudgetReservation, result: ModelResult): void {
  const { beside = [] } = result;
  const parts = result.type === 'message' ? [result, ...beside] : beside;
  if (parts.length === 0) return;
  const { usage, costUsd } = sumOf(parts);
  reservation.settle({ usage, costUsd });
}

/** What has to be set aside for the limits that there are. */
async function wantedOf(context: RunContext, model: Model, request: ModelRequest): Promise<ModelCost> {
  const { limits, counted } = context.budget;
  if (!counted.usd && !counted.tokens) return { tokens: 0 };
  const expected = await expectedCost(model, request);
  if (counted.usd && expected.costUsd === undefined) {
    const { maxUsd } = limits;
    const limit = maxUsd === undefined ? 'a limit in money' : `a limit of $${maxUsd}`;
    throw new HostError(
      'price-unknown',
      `The price of ${model.id} is unknown, so ${limit} cannot be kept. Set "price" for it under models in mcp.config.json, or leave the limit out.`,
    );
  }
  return expected;
}

interface CallOptions {
  readonly guards: Guards;
  readonly draft: boolean;
  /** Of the conversation. */
  readonly cacheKey: string;
}

async function callModel(
  step: StepContext,
  model: Model,
  request: ModelRequest,
  { guards, draft, cacheKey }: CallOptions,
): Promise<ModelResult> {
  const started = performance.now();
  const guard = await guards.output(step);
  const stream = new AnswerStream(draft ? SILENT : step, guard);
  step.emit({ type: 'model-start', step: step.id, model: model.id });
  // A host that stood still and woke up must not pay for an answer that whoever has the run now has in its journal.
  await step.written();
  const prompt = { ...request, cacheKey, messages: withDelimitedResults(request.messages) };
  for await (const event of model.stream(prompt, { signal: step.signal })) {
    const last = take(step, stream, event);
    if (last?.type === 'error') {
      step.emit({ type: 'model-error', step: step.id, failure: last.failure });
      return {
        type: 'error',
        failure: last.failure,
        ...(last.beside === undefined ? {} : { beside: last.beside }),
      };
    }
    if (last === undefined) continue;
    const { stopReason, usage, model, costUsd } = last;
    const decision = await guard.finish(last.message);
    const shown =
      decision.type === 'allow'
        ? { message: decision.value, stopReason }
        : // Its cost is real, and so it stays an answer.
          { message: NOTHING, stopReason: 'refusal' as const, withheld: decision.reason };
    const { withheld, ...answer } = { withheld: undefined, ...shown, usage, model, ...definedCost(costUsd) };
    stream.showWhole(answer.message);
    for (const note of last.notes ?? [])
      step.emit({ type: 'notice', level: 'info', code: 'request-adapted', message: note });
    step.emit({
      type: 'model-end',
      step: step.id,
      ...(draft ? { draft: true } : {}),
      ...answer,
      durationMs: performance.now() - started,
    });
    return {
      type: 'message',
      ...answer,
      ...(last.beside === undefined ? {} : { beside: last.beside }),
      ...(withheld === undefined ? {} : { withheld }),
    };
  }
  throw new HostError('internal', `The stream of ${model.id} ended without message-end or error.`);
}

const SILENT = { emit: () => undefined };

const NOTHING: AssistantMessage = { role: 'assistant', content: [] };

function definedCost(costUsd: number | undefined): { readonly costUsd?: number } {
  return costUsd === undefined ? {} : { costUsd };
}

/** Tells one event on; gives the last one of a stream. */
function take(
  step: StepContext,
  stream: AnswerStream,
  event: ModelEvent,
): Extract<ModelEvent, { type: 'message-end' | 'error' }> | undefined {
  switch (event.type) {
    case 'text-delta':
    case 'thinking-delta':
    case 'tool-input-delta':
      stream.take(event);
      return undefined;
    case 'tool-input-start':
      return undefined;
    case 'waiting':
      step.emit({ type: 'notice', level: 'info', code: 'model-waits', message: event.message });
      return undefined;
    case 'restart':
      stream.restart();
      step.restart(event.reason, { failure: event.failure, delayMs: event.delayMs });
      return undefined;
    case 'escalate': {
      const { from, to, check, reason, spent } = event;
      stream.restart();
      step.emit({ type: 'model-escalate', step: step.id, from, to, check, reason, ...spent });
      step.restart('escalation');
      return undefined;
    }
    case 'message-end':
      stream.end();
      return event;
    case 'error':
      if (step.signal.aborted) throw step.signal.reason;
      stream.end();
      return event;
    default:
      return event satisfies never;
  }
}
