/** Takes secrets out of whatever is about to be written, shown or stored. */
import { HostError } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { createSecretDetector, type SecretDetector, type SecretDetectorOptions } from './detector.ts';
import { type NameStrength, namesCursor, secretName } from './names.ts';
import { isPassword, isToken } from './plausible.ts';
import { maskOf } from './secret.ts';

export interface Redactor {
  readonly detector: SecretDetector;
  text(text: string): string;
  /**
   * A copy, or the same value where nothing is secret. Keys are redacted as well; a text under a key that names a secret
   * is masked whole. Throws HostError `nested-too-deeply`.
   */
  value<Value extends Json>(value: Value): Value;
  /** As `value`, and lets other work go on within large texts. */
  largeValue<Value extends Json>(value: Value): Promise<Value>;
}

/** More than any answer that means something; fewer than what overflows the stack. */
const MAX_DEPTH = 1_000;
const MAX_REMEMBERED_KEYS = 1_000;
const LARGE_LENGTH = 500_000;

export function createRedactor(options: SecretDetectorOptions): Redactor {
  const { isStrict = false } = options;
  const detector = createSecretDetector(options);
  const mask = (text: string): string => detector.mask(text);
  // The same few keys come again and again.
  const keys = new Map<string, JudgedKey>();
  const judge = (key: string): JudgedKey => {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const strength = isStrict || !namesCursor(key) ? secretName(key) : undefined;
    const judged = { clean: mask(key), ...(strength === undefined ? {} : { strength }) };
    if (keys.size < MAX_REMEMBERED_KEYS && key.length < 200) keys.set(key, judged);
    return judged;
  };
  const under = (key: string, text: string): string => {
    const { strength } = judge(key);
    return strength !== undefined && isSecretUnder(strength, text, isStrict) ? maskOf(undefined) : mask(text);
  };
  const cleanKey = (key: string): string => judge(key).clean;

  return {
    detector,
    text: mask,
    value: (value) => walk(value, { cleanKey, text: mask, under }, 0),
    async largeValue(value) {
      const done = new Map<string, string>();
      for (const text of largeTexts(value)) done.set(text, await detector.maskLarge(text));
      const text = (one: string): string => done.get(one) ?? detector.mask(one);
      return walk(value, { cleanKey, text, under: (key, one) => done.get(one) ?? under(key, one) }, 0);
    },
  };
}

interface JudgedKey {
  readonly clean: string;
  /** How far a text under this key is a secret. */
  readonly strength?: NameStrength;
}

function isSecretUnder(strength: NameStrength, text: string, isStrict: boolean): boolean {
  if (text === '' || isStrict) return text !== '';
  return strength === 'always' ? isPassword(text, true) : isToken(text);
}

interface Cleaning {
  readonly cleanKey: (key: string) => string;
  readonly text: (text: string) => string;
  readonly under: (key: string, text: string) => string;
}

function walk<Value extends Json>(value: Value, cleaning: Cleaning, depth: number): Value;
function walk(value: Json, cleaning: Cleaning, depth: number): Json {
  if (typeof value === 'string') return cleaning.text(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) {
    throw new HostError('nested-too-deeply', `The value is nested more than ${MAX_DEPTH} levels deep.`);
  }
  if (Array.isArray(value)) return walkItems(value, cleaning, depth + 1);
  return isJsonObject(value) ? walkFields(value, cleaning, depth + 1) : value;
}

/** Most of what is walked is clean: nothing is made anew before the first change. */
function walkItems(items: readonly Json[], cleaning: Cleaning, depth: number): Json {
  let changed: Json[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] ?? null;
    const clean = walk(item, cleaning, depth);
    if (clean !== item) changed ??= items.slice(0, index);
    changed?.push(clean);
  }
  return changed ?? items;
}

function walkFields(fields: JsonObject, cleaning: Cleaning, depth: number): Json {
  let changed: [string, Json][] | undefined;
  const keys = Object.keys(fields);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    const inner = fields[key] ?? null;
    const cleanKey = cleaning.cleanKey(key);
    const clean = typeof inner === 'string' ? cleaning.under(key, inner) : walk(inner, cleaning, depth);
    if (cleanKey !== key || clean !== inner)
      changed ??= keys.slice(0, index).map((name): [string, Json] => [name, fields[name] ?? null]);
    changed?.push([cleanKey, clean]);
  }
  return changed === undefined ? fields : Object.fromEntries(apart(changed));
}

/** Two keys that were masked to the same text are both kept. */
function apart(entries: readonly [string, Json][]): [string, Json][] {
  const seen = new Set<string>();
  return entries.map(([key, value]) => {
    let unique = key;
    for (let ordinal = 2; seen.has(unique); ordinal += 1) unique = `${key} ${ordinal}`;
    seen.add(unique);
    return [unique, value];
  });
}

function* largeTexts(value: Json): Generator<string> {
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') {
      if (next.length > LARGE_LENGTH) yield next;
    } else if (typeof next === 'object' && next !== null) {
      for (const inner of Object.values<Json>(next)) open.push(inner);
    }
  }
}
