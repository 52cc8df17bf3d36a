/** The one detector of secrets: values that are known, the maintained rule set once it is loaded, and shapes. */
import { setImmediate as nextTick } from 'node:timers/promises';

import { collectGarbage } from '../../collect-garbage.ts';
import { knownForms } from './known-forms.ts';
import { createLiterals } from './literals.ts';
import { findByRules, rulesLoaded } from './rules.ts';
import { maskOf, type Secret } from './secret.ts';
import { findByShape } from './shapes.ts';

export interface SecretDetector {
  /** Known secrets, in each of their forms, that are more than one word of visible ASCII. */
  readonly phrases: readonly string[];
  /** In order, not overlapping. */
  find(text: string): readonly Secret[];
  mask(text: string): string;
  /** As `mask`, and lets other work go on between the windows of a large text. */
  maskLarge(text: string): Promise<string>;
}

export interface SecretDetectorOptions {
  /** Secrets by value, from the environment and the config. */
  readonly known: readonly string[];
  /** Masks also what could be code or prose: right for a log, wrong for a file that a model is to edit. */
  readonly isStrict?: boolean;
}

const WINDOW_LENGTH = 256_000;
/** The longest secret that has a shape, a key file or an installation token, and what stands before it. */
const OVERLAP_LENGTH = 20_000;
/** How much is searched before other work has its turn. */
const TURN_LENGTH = 2_000_000;
/** Searching leaves about as much garbage as it reads, which the engine would let grow beside a text of that size. */
const TURNS_BEFORE_COLLECTING = 8;

/** What stands in or before every secret that has a shape. A short text without it, nearly every delta, is done. */
const SIGN =
  /[\w+/=.~-]{15}|pass(?:word|wd|phrase)|secret|key|token|authorization|credential|cookie|bearer|basic|sig|:\/\/|-----|(?:^|[^A-Za-z\d])(?:(?:sk|rk|pk|gsk|xai|tvly|pplx|csk|r8|fw)[-_]|xox|xapp|ya29|SG\.)/i;
const SHORT_LENGTH = 4_000;
/** What every rule of the maintained set needs. */
const RULE_SIGN = /[\w+/=.:~-]{20}|_authToken=|SG\./;

/** Names of tools, ids and kinds come in event after event: of short texts the clean ones are remembered. */
const MAX_REMEMBERED_LENGTH = 200;
const MAX_REMEMBERED = 2_000;

export function createSecretDetector({ known, isStrict = false }: SecretDetectorOptions): SecretDetector {
  const forms = known.flatMap(knownForms);
  const literals = createLiterals(forms);
  const clean = new Set<string>();
  let hadRules = false;
  const findKnown = (text: string): Secret[] => {
    const found: Secret[] = [];
    for (let match = literals.next(text, 0); match !== undefined; match = literals.next(text, match.end))
      found.push(match);
    return found;
  };
  const findIn = (text: string): Secret[] => {
    const found = findKnown(text);
    if (text.length > SHORT_LENGTH || SIGN.test(text)) {
      found.push(...findByShape(text, isStrict));
      if (text.length > SHORT_LENGTH || RULE_SIGN.test(text)) found.push(...findByRules(text));
    }
    return found;
  };
  const find = (text: string): readonly Secret[] => {
    if (text.length <= WINDOW_LENGTH) return merged(findIn(text));
    const found: Secret[] = [];
    for (const start of windowStarts(text)) found.push(...inWindow(text, start, findIn));
    return merged(found);
  };
  return {
    phrases: forms.filter((form) => /[^\x21-\x7e]/.test(form)),
    find,
    mask(text) {
      if (text.length > MAX_REMEMBERED_LENGTH) return replaced(text, find(text));
      if (hadRules !== rulesLoaded()) {
        hadRules = rulesLoaded();
        clean.clear();
      }
      if (clean.has(text)) return text;
      const secrets = find(text);
      if (secrets.length > 0) return replaced(text, secrets);
      if (clean.size >= MAX_REMEMBERED) clean.clear();
      clean.add(text);
      return text;
    },
    async maskLarge(text) {
      if (text.length <= TURN_LENGTH) return replaced(text, find(text));
      const found: Secret[] = [];
      let done = 0;
      let turns = 0;
      for (const start of windowStarts(text)) {
        found.push(...inWindow(text, start, findIn));
        if (start - done < TURN_LENGTH) continue;
        done = start;
        turns += 1;
        if (turns % TURNS_BEFORE_COLLECTING === 0) collectGarbage();
        await nextTick();
      }
      if (turns >= TURNS_BEFORE_COLLECTING) collectGarbage();
      return replaced(text, merged(found));
    },
  };
}

function* windowStarts(text: string): Generator<number> {
  for (let start = 0; ; start += WINDOW_LENGTH - OVERLAP_LENGTH) {
    yield start;
    if (start + WINDOW_LENGTH >= text.length) return;
  }
}

function inWindow(text: string, at: number, find: (text: string) => readonly Secret[]): Secret[] {
  return find(text.slice(at, at + WINDOW_LENGTH)).map((secret) => ({
    ...secret,
    start: secret.start + at,
    end: secret.end + at,
  }));
}

/** Overlapping finds become one; the kind is that of the first that has one. */
function merged(found: Secret[]): readonly Secret[] {
  if (found.length < 2) return found;
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Secret[] = [];
  for (const secret of found) {
    const last = kept.at(-1);
    if (last === undefined || secret.start >= last.end) kept.push(secret);
    else kept[kept.length - 1] = { ...secret, ...last, end: Math.max(last.end, secret.end) };
  }
  return kept;
}

function replaced(text: string, secrets: readonly Secret[]): string {
  if (secrets.length === 0) return text;
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, kind } of secrets) {
    parts.push(text.slice(from, start), maskOf(kind));
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}
