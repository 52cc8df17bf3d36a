/** One entry as one line: JSON for programs, words for a person. */
import { isJsonObject, type Json } from '../../json.ts';
import type { LogEntry } from '../../registry/contract.ts';
import type { Redactor } from '../secret/redactor.ts';

export type LogLevel = LogEntry['level'];

export const LEVELS: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** A finished line: redacted, bounded, with its time. */
export type LogRecord = {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly component: string;
  readonly event: string;
  readonly run?: string;
  readonly step?: string;
  readonly server?: string;
  readonly fields?: { readonly [key: string]: Json };
};

const MAX_CHARACTERS = 2000;
/** Of texts inside a field's value: arguments, lists. */
const MAX_NESTED_CHARACTERS = 200;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
/** A text is cut before it is redacted only far beyond what is shown, so that no secret is cut in two and half shown. */
const MAX_REDACTED_CHARACTERS = 16_384;

export function logRecord(entry: LogEntry, time: Date, redactor: Redactor): LogRecord {
  const fields = entry.fields === undefined ? undefined : bounded(redactor.value(clipped(entry.fields)), 0);
  return {
    time: time.toISOString(),
    level: entry.level,
    component: entry.component,
    event: entry.event,
    ...(entry.run === undefined ? {} : { run: entry.run }),
    ...(entry.step === undefined ? {} : { step: entry.step }),
    ...(entry.server === undefined ? {} : { server: redactor.text(entry.server) }),
    ...(isJsonObject(fields) ? { fields } : {}),
  };
}

/** `10:02:01.123 warn  registry connect-failed server=github reason="…"`; no control character passes. */
export function humanLine(record: LogRecord, colour: boolean): string {
  const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const places = { server: record.server, run: record.run, step: record.step };
  const details = [...Object.entries(places), ...Object.entries(record.fields ?? {})].flatMap(
    ([key, value]) => (value === undefined ? [] : [`${paint('2', `${plain(key)}=`)}${plain(value)}`]),
  );
  const time = paint('2', record.time.slice(11, 23));
  const level = paint(COLOURS[record.level], record.level.padEnd(5));
  return [time, level, plain(record.component), plain(record.event), ...details].join(' ');
}

const COLOURS: Readonly<Record<LogLevel, string>> = { error: '31', warn: '33', info: '32', debug: '90' };

/** Cuts what is far too long before the cost of redacting it. Most fields stay as they are, and are not copied. */
function clipped(value: Json, depth = 0): Json {
  if (typeof value === 'string') {
    if (value.length <= MAX_REDACTED_CHARACTERS) return value;
    return `${value.slice(0, MAX_REDACTED_CHARACTERS)}${more(value.length - MAX_REDACTED_CHARACTERS)}`;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const kept = mapped(value.length > MAX_ITEMS ? value.slice(0, MAX_ITEMS) : value, clipped, depth + 1);
    return value.length > MAX_ITEMS ? [...(kept as Json[]), `… ${value.length - MAX_ITEMS} more`] : kept;
  }
  const fields = withFewFields(value);
  return mapped(fields, clipped, depth + 1);
}

/** Without fields of which nothing is known, and without those beyond a number that anyone reads. */
function withFewFields(value: Json & object): Json {
  const keys = Object.keys(value);
  const isFine = (key: string): boolean => key.length <= 200 && Reflect.get(value, key) !== undefined;
  if (keys.length <= MAX_ITEMS && keys.every(isFine)) return value;
  const known = keys.filter((key) => Reflect.get(value, key) !== undefined);
  const kept = known.slice(0, MAX_ITEMS).map((key) => [key.slice(0, 200), Reflect.get(value, key)]);
  if (known.length > MAX_ITEMS) kept.push(['…', `${known.length - MAX_ITEMS} more`]);
  return Object.fromEntries(kept) as Json;
}

/** `depth` 0 is the object of fields. */
function bounded(value: Json, depth: number): Json {
  if (typeof value === 'string') {
    const limit = depth <= 1 ? MAX_CHARACTERS : MAX_NESTED_CHARACTERS;
    return value.length <= limit ? value : `${value.slice(0, limit)}${more(value.length - limit)}`;
  }
  return mapped(value, bounded, depth + 1);
}

/** The items or fields as `change` makes them; the very same value where it changes none. */
function mapped(value: Json, change: (inner: Json, depth: number) => Json, depth: number): Json {
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    const at = items.findIndex((item) => change(item, depth) !== item);
    return at === -1 ? value : items.map((item) => change(item, depth));
  }
  if (!isJsonObject(value)) return value;
  const isChanged = Object.values(value).some((inner) => change(inner, depth) !== inner);
  if (!isChanged) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, depth)]));
}

function more(characters: number): string {
  return `… ${characters} more characters`;
}

function plain(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (/^[\w@%+=:,./[\]{}~-]+$/.test(text)) return text;
  const quoted = typeof value === 'string' ? JSON.stringify(text) : text;
  return quoted.replaceAll(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
