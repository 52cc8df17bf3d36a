/** The most that a model call is expected to come to, before it is made. */
import type { ModelCost } from '../context.ts';
import type { Model, ModelRequest, Usage } from '../model/model.ts';
import { fixedPartTokens } from './fixed-part-tokens.ts';
import { messageTokens } from './message-tokens.ts';

/** Of a model that does not say how much it writes at most. */
const OUTPUT_TOKENS = 8_192;

/** Input is estimated, and nothing of it is read from a cache; output is as long as it may be. */
export async function expectedCost(model: Model, request: ModelRequest): Promise<ModelCost> {
  const { maxOutputTokens: allowed = OUTPUT_TOKENS } = model.limits;
  const usage: Usage = {
    inputTokens: requestTokens(request),
    outputTokens: Math.min(request.maxOutputTokens ?? allowed, allowed),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
  // To write the input to a cache may cost more than to have it read, and both happens.
  const written = { ...usage, inputTokens: 0, cacheWriteTokens: usage.inputTokens };
  const [costUsd, writtenUsd] = await Promise.all([model.costUsd(usage), model.costUsd(written)]);
  return {
    tokens: (usage.inputTokens + usage.outputTokens) * (model.callsAtMost ?? 1),
    ...(costUsd === undefined ? {} : { costUsd: Math.max(costUsd, writtenUsd ?? 0) }),
  };
}

/** An estimate of what a provider will count. */
export function requestTokens({ system = '', messages, tools }: ModelRequest): number {
  return messages.reduce(
    (total, message) => total + messageTokens(message),
    fixedPartTokens({ system, tools }),
  );
}
