import { isJsonObject } from '../../json.ts';
import type { Usage } from './model.ts';

/**
 * Reads the `usage` of a chat completion. Providers differ in two ways: DeepSeek counts cache reads beside the details,
 * and some (xAI, Gemini) leave the reasoning out of `completion_tokens` but not out of `total_tokens`. What is in the
 * total and not in the prompt was written by the model and is billed as output.
 */
export function readChatUsage(usage: unknown): Usage {
  if (!isJsonObject(usage)) return UNKNOWN;
  const prompt = count(usage.prompt_tokens);
  const completion = count(usage.completion_tokens);
  if (prompt === undefined || completion === undefined) return UNKNOWN;
  const promptDetails = isJsonObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const completionDetails = isJsonObject(usage.completion_tokens_details)
    ? usage.completion_tokens_details
    : {};
  const cacheReadTokens = count(promptDetails.cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? 0;
  const cacheWriteTokens = count(promptDetails.cache_write_tokens) ?? 0;
  const outputTokens = Math.max(completion, (count(usage.total_tokens) ?? 0) - prompt);
  const hidden = outputTokens - completion;
  const reasoningTokens = count(completionDetails.reasoning_tokens) ?? (hidden > 0 ? hidden : undefined);
  return {
    inputTokens: Math.max(0, prompt - cacheReadTokens - cacheWriteTokens),
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

const UNKNOWN: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  unknown: true,
};

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
