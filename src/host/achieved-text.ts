/** What a run came to before a limit stopped it: its answer so far, and a line that says that it is no more than that. */
import { type Json, jsonText } from '../json.ts';
import type { Achieved } from './event.ts';

/** For stdout; undefined where there is nothing. Of several parts an object by path. */
export function achievedText({ parts, unfinished, text, results }: Achieved): string | undefined {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return asText(only.output);
  if (only !== undefined)
    return JSON.stringify(Object.fromEntries(parts.map(({ path, output }) => [path, output])), null, 2);
  const said = [text, ...results.map((result) => result.text)].filter((one) => one !== undefined);
  if (said.length > 0) return said.join('\n\n');
  return unfinished.findLast((part) => part.text !== undefined)?.text;
}

/** For stderr. */
export function partialNote(achieved: Achieved): string {
  const { parts, unfinished } = achieved;
  const listed = (what: readonly { readonly path: string }[]): string =>
    what.length === 0 ? '' : ` (${what.map(({ path }) => path).join(', ')})`;
  const counts =
    parts.length + unfinished.length === 0
      ? ''
      : ` ${parts.length} ${parts.length === 1 ? 'part is' : 'parts are'} finished${listed(parts)}, ${unfinished.length} begun and not finished${listed(unfinished)}.`;
  return achievedText(achieved) === undefined
    ? `Nothing was achieved yet.${counts}`
    : `PARTIAL: what stands above is what was achieved so far, and not the answer.${counts}`;
}

function asText(output: Json): string {
  return typeof output === 'string' ? output : jsonText(output);
}
