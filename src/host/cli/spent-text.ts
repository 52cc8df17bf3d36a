/** What model calls took, in words. */
import type { RunTotals } from '../event.ts';
import type { Usage } from '../model/model.ts';
import { usd } from './chat/status-line.ts';

/** `12340 → 56 (11000 cached)`: what was read from a provider's cache is part of the first number. */
export function tokensText(usage: Usage): string {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, unknown } = usage;
  if (unknown) return 'unknown';
  const cached = cacheReadTokens > 0 ? ` (${cacheReadTokens} cached)` : '';
  return `${inputTokens + cacheReadTokens + cacheWriteTokens} → ${outputTokens}${cached}`;
}

/** One line of what a run spent; undefined where no model was asked. */
export function spentLine({ turns, toolCalls, usage, costUsd }: RunTotals): string | undefined {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, unknown } = usage;
  if (!unknown && inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens === 0) return undefined;
  const parts = [
    plural(turns, 'turn'),
    plural(toolCalls, 'tool call'),
    `tokens ${tokensText(usage)}`,
    costUsd === undefined ? 'cost unknown' : usd(costUsd),
  ];
  return parts.join(', ');
}

export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
