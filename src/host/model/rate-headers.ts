/** What a provider says in the headers of an answer about how much it still takes. */

/** Reads one header; undefined where it is not there. */
export type HeaderReader = (name: string) => string | undefined;

/** `[what is left, when it is full again]`: Anthropic says a time, OpenAI and those that follow it a duration. */
const PAIRS: readonly (readonly [string, string])[] = [
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
    (what) => [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`] as const,
  ),
  ...['requests', 'tokens'].map(
    (what) => [`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`] as const,
  ),
];

/** How long to wait before the next request, where nothing is left; undefined where there is, or nothing is said. */
export function usedUpForMs(header: HeaderReader, nowMs = Date.now()): number | undefined {
  let longest: number | undefined;
  for (const [remaining, reset] of PAIRS) {
    const left = header(remaining);
    if (left === undefined || left.trim() === '' || Number(left) > 0 || Number.isNaN(Number(left))) continue;
    const ms = resetMs(header(reset), nowMs);
    if (ms !== undefined) longest = Math.max(longest ?? 0, ms);
  }
  return longest;
}

/** `2026-11-27T05:00:00Z`, `6m0s`, `1.5s`, `20ms`, or seconds. */
function resetMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) {
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
    return [...parts].reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS[unit ?? ''] ?? 0),
      0,
    );
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - nowMs);
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
