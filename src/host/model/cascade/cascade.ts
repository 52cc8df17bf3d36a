import { cancelledFailure } from '../failure.ts';
import { commonLimits } from '../fallback.ts';
import type { Model, ModelEvent, ModelFailure, ModelRequest, Spent, Usage } from '../model.ts';
import type { Check, CheckedAnswer, Objection } from './check.ts';
import { JUDGE_OUTPUT_TOKENS } from './judge.ts';
import { sumOf } from '../spent.ts';

export interface CascadeOptions {
  /** Asked in turn of every answer but the last model's; the first that objects decides. */
  readonly checks: readonly Check[];
  /** Who is asked by one of the checks: what that costs is reckoned with. */
  readonly judge?: Model;
}

type MessageEnd = Extract<ModelEvent, { type: 'message-end' }>;

/**
 * Asks the first model, and the next where a check objects to the answer or the model fails. The last one's answer is
 * taken as it is. What an answer that is not taken has cost is told with `escalate`, and again with the end.
 */
export function cascade(models: readonly [Model, ...Model[]], { checks, judge }: CascadeOptions): Model {
  async function* stream(
    request: ModelRequest,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    const beside: Spent[] = [];
    const told = (): { readonly beside?: readonly Spent[] } => (beside.length === 0 ? {} : { beside });
    for (const [index, model] of models.entries()) {
      let end: MessageEnd | undefined;
      let failure: ModelFailure | undefined;
      for await (const event of model.stream(request, options)) {
        if (event.type === 'error') failure = event.failure;
        else if (event.type === 'message-end') end = event;
        else yield event;
      }
      const next = models[index + 1];
      if (end === undefined) {
        const last = failure ?? cancelledFailure(model.id);
        if (next === undefined || last.code === 'cancelled') {
          yield { type: 'error', failure: last, ...told() };
          return;
        }
        yield { type: 'restart', reason: 'fallback', model: next.id, failure: last, delayMs: 0 };
        continue;
      }
      const { message, stopReason } = end;
      const { objection, spent } =
        next === undefined
          ? { objection: undefined, spent: [] }
          : await firstObjection(checks, { request, message, stopReason }, options);
      if (next === undefined || objection === undefined) {
        beside.push(...spent);
        yield { ...end, ...told() };
        return;
      }
      const wasted = [spentOf(end), ...spent];
      beside.push(...wasted);
      if (options.signal.aborted) {
        yield { type: 'error', failure: cancelledFailure(model.id), ...told() };
        return;
      }
      yield { type: 'escalate', from: end.model, to: next.id, ...objection, spent: sumOf(wasted) };
    }
  }

  const [first] = models;
  const judgements = judge === undefined ? 0 : models.length - 1;
  return {
    id: first.id,
    limits: commonLimits(models.map(({ limits }) => limits)),
    callsAtMost: models.reduce((total, { callsAtMost = 1 }) => total + callsAtMost, judgements),
    async costUsd(usage) {
      const costs = await Promise.all([
        ...models.map((model) => model.costUsd(usage)),
        ...Array.from({ length: judgements }, () => judge?.costUsd(judgedUsage(usage))),
      ]);
      return costs.includes(undefined)
        ? undefined
        : costs.reduce<number>((total, cost = 0) => total + cost, 0);
    },
    stream,
  };
}

async function firstObjection(
  checks: readonly Check[],
  answer: CheckedAnswer,
  options: { readonly signal: AbortSignal },
): Promise<{ readonly objection: Objection | undefined; readonly spent: readonly Spent[] }> {
  const spent: Spent[] = [];
  for (const check of checks) {
    const result = await check(answer, options);
    if (result.spent !== undefined) spent.push(result.spent);
    if (result.objection !== undefined) return { objection: result.objection, spent };
  }
  return { objection: undefined, spent };
}

function spentOf({ usage, costUsd }: MessageEnd): Spent {
  return { usage, ...(costUsd === undefined ? {} : { costUsd }) };
}

/** A judge reads the request and the answer, and says little. */
function judgedUsage({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): Usage {
  return {
    inputTokens: inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens,
    outputTokens: JUDGE_OUTPUT_TOKENS,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
}
