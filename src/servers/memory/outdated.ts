/**
 * What was said before a fact changed and says what it said then. The history stays whole and is found by search_history;
 * recall leaves such turns out, because a reader who meets both would have to guess which one holds.
 */
import { stemsOf } from '../store/analyser.ts';
import type { Store } from '../store/store.ts';
import { meaningfulWords } from '../store/words.ts';
import { earlierTexts, factDocuments } from './facts.ts';
import { textOf } from './entry.ts';

export type Outdated = (said: { readonly text: string; readonly at: string }) => boolean;

interface Change {
  readonly changedAtMs: number;
  /** Words that only the earlier text has, those that only the later has, and those that both have. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly common: readonly string[];
}

/** A turn that says what the earlier text said may leave out a word or two of what both say. */
const ENOUGH_COMMON = 0.5;

/** Made once for an answer. */
export function outdatedBy(stores: readonly Store[]): Outdated {
  const changes = stores.flatMap(changesOf);
  if (changes.length === 0) return () => false;
  return ({ text, at }) => {
    const saidAtMs = Date.parse(at);
    const later = changes.filter(({ changedAtMs }) => changedAtMs > saidAtMs);
    if (later.length === 0) return false;
    const words = new Set(stemsOf([meaningfulWords(text).join(' ')])[0]);
    return later.some((change) => says(words, change));
  };
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

function changesOf(store: Store): readonly Change[] {
  return factDocuments(store).flatMap((document) => {
    const earlier = earlierTexts(document);
    if (earlier.length === 0) return [];
    const texts = [withoutNegated(textOf(store, document.uri)), ...earlier];
    const [after = new Set<string>(), ...before] = stemsOf(
      texts.map((text) => meaningfulWords(text).join(' ')),
    ).map((stems) => new Set(stems));
    return before.flatMap((words): Change[] => {
      const removed = [...words].filter((word) => !after.has(word));
      const added = [...after].filter((word) => !words.has(word));
      const common = [...words].filter((word) => after.has(word));
      return removed.length === 0 ? [] : [{ changedAtMs: document.modifiedMs, removed, added, common }];
    });
  });
}
