/** The lines that tell a model how much there is beyond what it sees, and how to get at it. */
import type { StoredResult } from './contract.ts';
import { countNewlines } from './read-result.ts';

export const RESULT_READ = 'switchyard__result_read';
export const RESULT_SEARCH = 'switchyard__result_search';

/** `head`: what the model is shown of it. */
export function keptNote(
  stored: Pick<StoredResult, 'uri' | 'mimeType' | 'characters' | 'lines'>,
  head: string,
  tokens: number,
): string {
  const { uri, mimeType, characters, lines } = stored;
  const readOn = head.endsWith('\n')
    ? { uri, offset: countNewlines(head) + 1 }
    : { uri, unit: 'characters', offset: head.length + 1 };
  const path = mimeType.includes('json') ? ' (it takes a JSON path too)' : '';
  return (
    `[Cut: ${head.length} of ${characters} characters are shown; in all ${lines} lines, about ${tokens} tokens. ` +
    `The whole is kept as ${uri}. Read on with ${RESULT_READ} ${JSON.stringify(readOn)}${path}, find something with ` +
    `${RESULT_SEARCH}, or give the URI as a string argument to another tool, for which it stands for the whole text.]`
  );
}

export function notKeptNote(text: string, head: string, reason: string): string {
  return `[Cut: ${head.length} of ${text.length} characters are shown. The rest is lost: ${reason} Ask the tool for a smaller part.]`;
}
