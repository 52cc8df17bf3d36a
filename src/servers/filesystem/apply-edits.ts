/** Exact replacements in a text, and advice where one does not fit. */
import { distance } from 'fastest-levenshtein';

import { HostError } from '../../errors.ts';
import { lineEndingOf } from './text-encoding.ts';

export interface Edit {
  readonly oldText: string;
  readonly newText: string;
  readonly replaceAll?: boolean | undefined;
}

const MAX_LISTED = 10;
const MAX_COMPARED_LINES = 20_000;
const MAX_COMPARED_CHARACTERS = 200;
const MAX_NEAREST = 3;

/** Applies all edits in order. Throws a HostError with code `edit-failed` when one does not apply, and changes nothing. */
export function applyEdits(
  original: string,
  edits: readonly Edit[],
  name: string,
): { text: string; replacements: number } {
  let text = original;
  let replacements = 0;
  for (const [index, edit] of edits.entries()) {
    const applied = applyEdit(
      text,
      edit,
      edits.length === 1 ? `The edit of '${name}'` : `Edit ${index + 1} of '${name}'`,
    );
    text = applied.text;
    replacements += applied.count;
  }
  if (text === original)
    throw new HostError('edit-failed', `The edits leave '${name}' as it is; nothing was written.`);
  return { text, replacements };
}

function applyEdit(
  text: string,
  { oldText, newText, replaceAll }: Edit,
  label: string,
): { text: string; count: number } {
  const usesCrlf = lineEndingOf(text) === 'crlf';
  const wanted = [oldText, toCrlf(oldText)].find((candidate) => text.includes(candidate));
  if (wanted === undefined) {
    throw new HostError(
      'edit-failed',
      `${label} failed: oldText does not occur in it. ${nearestLines(text, oldText)}`,
    );
  }
  const places = placesOf(text, wanted);
  if (places.length > 1 && replaceAll !== true) {
    const lines = lineNumbers(text, places.slice(0, MAX_LISTED)).join(', ');
    const more = places.length > MAX_LISTED ? ', …' : '';
    throw new HostError(
      'edit-failed',
      `${label} failed: oldText occurs ${places.length} times, at lines ${lines}${more}. Add the lines around the one you mean, or set replaceAll.`,
    );
  }
  const replacement = usesCrlf || wanted !== oldText ? toCrlf(newText) : newText;
  return { text: text.split(wanted).join(replacement), count: places.length };
}

function toCrlf(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

function placesOf(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length))
    places.push(at);
  return places;
}

/** `places` ascend. */
function lineNumbers(text: string, places: readonly number[]): number[] {
  let line = 1;
  let from = 0;
  return places.map((place) => {
    for (let at = text.indexOf('\n', from); at !== -1 && at < place; at = text.indexOf('\n', from)) {
      line += 1;
      from = at + 1;
    }
    return line;
  });
}

/** Where the wanted text nearly stands, and how it differs there. */
function nearestLines(text: string, oldText: string): string {
  const wanted = oldText.split(/\r?\n/);
  const firstIndex = wanted.findIndex((line) => line.trim() !== '');
  if (firstIndex === -1) return 'It is only white space; add the text around it.';
  const lines = text.split(/\r?\n/);
  const first = comparable(wanted[firstIndex] ?? '');
  const near = lines
    .slice(0, MAX_COMPARED_LINES)
    .map((line, index) => ({ line, index, far: distance(comparable(line), first) }))
    .filter(({ line }) => line.trim() !== '')
    .sort((a, b) => a.far - b.far || a.index - b.index)
    .slice(0, MAX_NEAREST);
  const [best] = near;
  if (best === undefined) return 'The file has no text.';
  const difference = best.far === 0 ? firstDifference(lines, best.index - firstIndex, wanted) : undefined;
  if (difference !== undefined) return difference;
  const shown = near.map(
    ({ line, index }) => `  line ${index + 1}: ${JSON.stringify(line.slice(0, MAX_COMPARED_CHARACTERS))}`,
  );
  return `The nearest lines are:\n${shown.join('\n')}`;
}

function firstDifference(
  lines: readonly string[],
  start: number,
  wanted: readonly string[],
): string | undefined {
  for (const [offset, expected] of wanted.entries()) {
    const actual = lines[start + offset];
    if (actual === expected) continue;
    const found =
      actual === undefined ? 'no such line' : JSON.stringify(actual.slice(0, MAX_COMPARED_CHARACTERS));
    const isIndentation = actual !== undefined && actual.trim() === expected.trim();
    return `Nearly at line ${start + 1}, but line ${start + offset + 1} is ${found} where oldText has ${JSON.stringify(expected.slice(0, MAX_COMPARED_CHARACTERS))}${isIndentation ? ' (only white space differs)' : ''}.`;
  }
  return undefined;
}

function comparable(line: string): string {
  return line.trim().slice(0, MAX_COMPARED_CHARACTERS);
}
