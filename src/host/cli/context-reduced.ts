import type { StoredEvent } from '../event.ts';

/** One line on what was taken out of the next requests. */
export function contextReducedText({
  by,
  tokensBefore,
  tokensAfter,
}: Extract<StoredEvent, { type: 'context-reduced' }>): string {
  const what = by === 'summary' ? 'earlier turns were summed up' : 'earlier results were replaced by handles';
  return `context: ${what} (about ${tokensBefore} to ${tokensAfter} tokens); the history stays whole`;
}
