/**
 * What was said before a fact changed and says what it said then. The history stays whole and is found by search_history;
 * recall leaves such turns out, because a reader who meets both would have to guess which one holds.
 */
import { stemsOf } from '../store/analyser.ts';
import type { Store } from '../store/store.ts';
import { meaningfulWords } from '../store/words.ts';
import { earlierTexts, factDocuments } from './facts.ts';
import { textOf } from './entry.ts';

type Said = { readonly text: string; readonly at: string };

interface Change {
  readonly changedAtMs: number;
  /** Words that only the earlier text has, those that only the later has, and those that both have. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly common: readonly string[];
}

/** A turn that says what the earlier text said may leave out a word or two of what both say. */
const ENOUGH_COMMON = 0.5;

/** Of what was found, what is said there no longer. */
export function outdatedAmong<Found extends Said>(
  found: readonly Found[],
  stores: readonly Store[],
): ReadonlySet<Found> {
  const changed = stores.flatMap(changedFacts);
  if (changed.length === 0 || found.length === 0) return new Set();
  // All in one go: the analyser costs more to set up than to use.
  const texts = [
    ...changed.flatMap((fact) => [fact.later, ...fact.earlier]),
    ...found.map(({ text }) => text),
  ];
  const words = stemsOf(texts.map((text) => meaningfulWords(text).join(' '))).map((stems) => new Set(stems));
  const take = (count: number): Set<string>[] => words.splice(0, count);
  const changes = changed.flatMap(({ changedAtMs, earlier }) => {
    const [later = new Set<string>(), ...before] = take(1 + earlier.length);
    return before.flatMap((one) => changeOf(one, later, changedAtMs));
  });
  return new Set(
    found.filter(({ at }, index) =>
      changes.some(
        (change) => change.changedAtMs > Date.parse(at) && says(words[index] ?? new Set(), change),
      ),
    ),
  );
}

function changeOf(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  changedAtMs: number,
): readonly Change[] {
  const removed = [...before].filter((word) => !after.has(word));
  const added = [...after].filter((word) => !before.has(word));
  const common = [...before].filter((word) => after.has(word));
  return removed.length === 0 ? [] : [{ changedAtMs, removed, added, common }];
}

function says(words: ReadonlySet<string>, { removed, added, common }: Change): boolean {
  const isSaid = (word: string): boolean => words.has(word);
  if (!removed.every(isSaid) || added.some(isSaid)) return false;
  return common.filter(isSaid).length >= common.length * ENOUGH_COMMON;
}

/** `on Thursdays, not on Tuesdays`: what no longer holds is no part of what does. */
function withoutNegated(text: string): string {
  return text
    .replaceAll(
      /\b(?:not|no longer|instead of|rather than|formerly|previously|nicht(?: mehr)?|(?:an)?statt)\b[^,.;]*/gi,
      ' ',
    )
    .replaceAll(/\b(?:from|von)\b[^,.;]{1,60}?(?=\b(?:to|nach|auf|zu)\b)/gi, ' ');
}

interface ChangedFact {
  readonly changedAtMs: number;
  readonly later: string;
  readonly earlier: readonly string[];
}

function changedFacts(store: Store): readonly ChangedFact[] {
  return factDocuments(store).flatMap((document): ChangedFact[] => {
    const earlier = earlierTexts(document);
    if (earlier.length === 0) return [];
    const later = withoutNegated(textOf(store, document.uri));
    return [{ changedAtMs: document.modifiedMs, later, earlier }];
  });
}
