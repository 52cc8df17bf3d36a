/** Adding one table at the end of a TOML text, and taking it out; every other byte stays. Edits by lines: parse the result. */
import { stringify } from 'smol-toml';

import { isJsonObject } from '../json.ts';
import { lineEnd } from './config-text.ts';

const NOTE = '# Written by "switchyard install"; "switchyard uninstall" takes it out.';

export function addTable(
  text: string,
  path: readonly string[],
  table: Readonly<Record<string, unknown>>,
): string {
  const end = lineEnd(text);
  const lines = [
    ...(text === '' ? [] : ['']),
    NOTE,
    `[${path.join('.')}]`,
    ...Object.entries(table).map(([key, value]) => `${keyText(key)} = ${inline(value)}`),
    '',
  ];
  const before = text === '' || text.endsWith('\n') ? text : text + end;
  return before + lines.join(end);
}

/** Takes out the table and those below it, with our note and the blank line before. */
export function removeTable(text: string, path: readonly string[]): string {
  const keys = path.map((key) => `["']?${key}["']?`).join(String.raw`\s*\.\s*`);
  const own = new RegExp(String.raw`^\s*\[{1,2}\s*${keys}\s*[.\]]`);
  let lines = text.split(/(?<=\n)/);
  for (let start = firstOf(lines, own); start >= 0; start = firstOf(lines, own))
    lines = withoutTables(lines, start, own);
  return lines.join('');
}

function firstOf(lines: readonly string[], header: RegExp): number {
  return lines.findIndex((line) => header.test(line));
}

/** Without the table at `start` and those of `own` that follow it at once. */
function withoutTables(lines: readonly string[], start: number, own: RegExp): string[] {
  const next = lines.findIndex((line, index) => index > start && /^\s*\[/.test(line) && !own.test(line));
  const limit = next === -1 ? lines.length : next;
  // Comments right before the next table belong to it.
  const last = lines.findLastIndex((line, index) => index < limit && /^\s*[^\s#]/.test(line));
  const hasNote = lines[start - 1]?.trimEnd() === NOTE;
  const hasBlank = hasNote && lines[start - 2]?.trim() === '';
  const from = start - (hasNote ? 1 : 0) - (hasBlank ? 1 : 0);
  return [...lines.slice(0, from), ...lines.slice(last + 1)];
}

/** On one line, whatever it is. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (isJsonObject(value)) {
    const pairs = Object.entries(value).map(([key, item]) => `${keyText(key)} = ${inline(item)}`);
    return `{ ${pairs.join(', ')} }`;
  }
  return stringify({ value })
    .trim()
    .replace(/^value = /, '');
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}
