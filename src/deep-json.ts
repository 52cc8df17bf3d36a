/** JSON of values that are nested deeper than the call stack: `JSON.parse` reads them, `JSON.stringify` throws on them. */
import type { Json } from './json.ts';

/** As `JSON.stringify(value)` for a value that came from JSON, however deep. */
export function stringifyJson(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return stringifyWithoutRecursion(value);
  }
}

interface OpenValue {
  readonly close: ']' | '}';
  readonly entries: Iterator<readonly [key: string | undefined, value: Json]>;
  isFirst: boolean;
}

function stringifyWithoutRecursion(value: Json): string {
  const text: string[] = [];
  const open: OpenValue[] = [];
  const write = (item: Json): void => {
    if (typeof item !== 'object' || item === null) {
      text.push(JSON.stringify(item));
      return;
    }
    text.push(Array.isArray(item) ? '[' : '{');
    open.push({ close: Array.isArray(item) ? ']' : '}', entries: entriesOf(item), isFirst: true });
  };
  write(value);
  for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
    const next = current.entries.next();
    if (next.done) {
      text.push(current.close);
      open.pop();
      continue;
    }
    const [key, item] = next.value;
    if (!current.isFirst) text.push(',');
    current.isFirst = false;
    if (key !== undefined) text.push(JSON.stringify(key), ':');
    write(item);
  }
  return text.join('');
}

function* entriesOf(
  value: readonly Json[] | { readonly [key: string]: Json },
): Generator<readonly [string | undefined, Json]> {
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) yield [undefined, item];
    return;
  }
  for (const entry of Object.entries(value)) if (entry[1] !== undefined) yield entry;
}
