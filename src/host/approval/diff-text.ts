/** Unified diffs that a person can take in. */

const DIFF_TIMEOUT_MS = 500;
const CONTEXT_LINES = 3;
const MAX_SHOWN_LINES = 200;
const MAX_SHOWN_CHARACTERS = 20_000;

export interface Versions {
  readonly name: string;
  /** Undefined: there is no such file yet. */
  readonly before: string | undefined;
  readonly after: string;
}

/** Folded where it is long; a sentence in brackets where there is nothing to see or too much to compare. */
export async function diffText({ name, before, after }: Versions): Promise<string> {
  if (before === after) return `[${name} stays as it is.]`;
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const oldName = before === undefined ? '/dev/null' : name;
  const diff = createTwoFilesPatch(oldName, name, before ?? '', after, undefined, undefined, {
    context: CONTEXT_LINES,
    timeout: DIFF_TIMEOUT_MS,
    headerOptions: FILE_HEADERS_ONLY,
  });
  if (diff !== undefined) return foldDiff(diff);
  return `[${name} changes too much to show how: ${lineCount(before ?? '')} lines before, ${lineCount(after)} after.]`;
}

/** The beginning of a long diff, with a line that counts what is left out. */
export function foldDiff(diff: string): string {
  const lines = diff.split('\n');
  if (lines.length <= MAX_SHOWN_LINES && diff.length <= MAX_SHOWN_CHARACTERS) return diff;
  const shown: string[] = [];
  let characters = 0;
  for (const line of lines) {
    if (shown.length === MAX_SHOWN_LINES || characters >= MAX_SHOWN_CHARACTERS) break;
    const room = MAX_SHOWN_CHARACTERS - characters;
    shown.push(line.length <= room ? line : `${line.slice(0, room)}… (${line.length} characters)`);
    characters += line.length + 1;
  }
  const left = lines.slice(shown.length);
  const added = left.filter((line) => line.startsWith('+')).length;
  const removed = left.filter((line) => line.startsWith('-')).length;
  return left.length === 0
    ? shown.join('\n')
    : `${shown.join('\n')}\n[${left.length} more lines: ${added} added, ${removed} removed]`;
}

function lineCount(text: string): number {
  return text === '' ? 0 : text.split('\n').length;
}
