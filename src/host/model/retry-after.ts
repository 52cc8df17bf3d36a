/**
 * How long the provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date (RFC 9110, 10.2.3).
 * Undefined where it says nothing that can be read.
 */
export function retryAfterMs(headers: Headers | undefined): number | undefined {
  const inMs = readNumber(headers?.get('retry-after-ms'));
  if (inMs !== undefined) return inMs;
  const value = headers?.get('retry-after') ?? undefined;
  const seconds = readNumber(value);
  if (seconds !== undefined) return seconds * 1000;
  const date = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function readNumber(value: string | null | undefined): number | undefined {
  if (value === undefined || value === null || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
