/** What is written where, and how it looks. */
import { stripVTControlCharacters, styleText } from 'node:util';

import { environment } from '../../config/environment.ts';

type Style = Parameters<typeof styleText>[0];

export interface Output {
  /** Data: answers, lists, JSON. Resolves when it is handed to the system, so that a slow reader slows us. */
  data(text: string): Promise<void>;
  /** Everything that is about the work and not its result. */
  status(text: string): void;
}

export function processOutput(): Output {
  return {
    data: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    status: (text) => {
      process.stderr.write(`${text}\n`);
    },
  };
}

/** Styles text for stderr where that is a terminal and NO_COLOR is unset. */
export function styled(style: Style, text: string): string {
  return wantsColour(process.stderr) ? styleText(style, text) : text;
}

function wantsColour(stream: NodeJS.WriteStream): boolean {
  const noColour = environment()['NO_COLOR'];
  return stream.isTTY === true && (noColour === undefined || noColour === '');
}

/**
 * Text of a model or a server made safe for a terminal: no escape sequences, no control characters but line break and
 * tab, and nothing that is invisible or turns the direction of writing. Joined emoji stay whole.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\u2028\u2029]/g, '\n')
    .replaceAll(UNSEEN, '');
}

/** The same without leaving anything out: what cannot be seen stands there as its escape in JSON, `\u202e`. */
export function revealed(text: string): string {
  return text.replaceAll(/[\u2028\u2029]/g, escaped).replaceAll(UNSEEN, escaped);
}

function escaped(characters: string): string {
  return characters
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Default-ignorable characters hide text or reorder it; inside an emoji two of them are part of its picture. */
const UNSEEN =
  /(?<!\p{Extended_Pictographic}|\uFE0F|\p{Emoji_Modifier})\u200D|\u200D(?!\p{Extended_Pictographic})|(?<!\p{Emoji})\uFE0F|(?!\u200D|\uFE0F)[[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Cf}]--[\n\t]]/gv;

export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Rows as columns, each as wide as its widest cell; the last one is cut to the terminal's width. */
export function table(rows: readonly (readonly string[])[], width = process.stdout.columns ?? 0): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  return rows
    .map((row) => {
      const line = row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd();
      return width > 20 && line.length > width ? `${line.slice(0, width - 1)}…` : line;
    })
    .join('\n');
}

export function oneLine(text: string, length = 120): string {
  const flat = printable(text).replaceAll(/\s+/g, ' ').trim();
  return flat.length <= length ? flat : `${flat.slice(0, length - 1)}…`;
}

export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1_000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
