import type { Spent, Usage } from './model.ts';

/** An unknown part makes the sum unknown. */
export function sumOf(parts: readonly Spent[]): Spent {
  const costs = parts.map(({ costUsd }) => costUsd);
  const costUsd = costs.includes(undefined)
    ? undefined
    : costs.reduce<number>((total, cost = 0) => total + cost, 0);
  return {
    usage: parts.map(({ usage }) => usage).reduce(addUsage),
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}

export function addUsage(left: Usage, right: Usage): Usage {
  const reasoning =
    left.reasoningTokens === undefined && right.reasoningTokens === undefined
      ? {}
      : { reasoningTokens: (left.reasoningTokens ?? 0) + (right.reasoningTokens ?? 0) };
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    ...reasoning,
    ...(left.unknown || right.unknown ? { unknown: true as const } : {}),
  };
}
