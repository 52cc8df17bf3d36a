/**
 * Whether an entry has to do with a question. A ranking has a best entry for every question, also where memory holds
 * nothing on it; `npm run bench -- memory` measures where the line is drawn.
 */
import { stemsOf } from '../store/analyser.ts';
import type { SearchAnswer } from '../store/contract.ts';
import type { Store } from '../store/store.ts';
import { meaningfulWords } from '../store/words.ts';
import type { EntryKind } from './entry.ts';

export type Relevance = {
  /** The cosine of question and entry; absent where one of them has no vector. */
  readonly meaning?: number;
  /** Which share of the question's words the entry holds, each word weighed by its rarity. */
  readonly words: number;
};

/** The cosine of a request and a fact that bears on it may be as low as this where they have hardly a word in common. */
const ENOUGH_MEANING_OF_FACT = 0.25;
/** What was once said is much more, and mostly beside the point: of right answers none lies below it. */
const ENOUGH_MEANING_OF_TALK = 0.35;
const ENOUGH_WORDS = 0.5;
/** Where words do alone, one rare word in common must be enough: a paraphrase has few of them. */
const ENOUGH_WORDS_ALONE = 0.15;

export function isRelevant(type: EntryKind, { meaning, words }: Relevance): boolean {
  if (meaning === undefined) return words >= ENOUGH_WORDS_ALONE;
  const enough = type === 'fact' || type === 'note' ? ENOUGH_MEANING_OF_FACT : ENOUGH_MEANING_OF_TALK;
  return meaning >= enough || words >= ENOUGH_WORDS;
}

/** By the number of the chunk that was found. */
export function relevanceOf(
  store: Store,
  query: string,
  { hits, queryVector }: Pick<SearchAnswer, 'hits' | 'queryVector'>,
): ReadonlyMap<number, Relevance> {
  const numbers = hits.map(({ chunk }) => chunk.number);
  const meanings = queryVector === undefined ? new Map() : store.similarities(queryVector, numbers);
  const shares = wordShares(
    store,
    query,
    hits.map(({ chunk }) => chunk.text),
  );
  return new Map(
    numbers.map((number, index) => {
      const meaning: number | undefined = meanings.get(number);
      return [number, { words: shares[index] ?? 0, ...(meaning !== undefined && { meaning }) }];
    }),
  );
}

function wordShares(store: Store, query: string, texts: readonly string[]): readonly number[] {
  const [queryStems = [], ...stems] = stemsOf([meaningfulWords(query).join(' '), ...texts]);
  const weights = store.rarity(queryStems);
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return stems.map((own) => {
    const present = new Set(own);
    const found = [...weights].reduce((sum, [stem, weight]) => sum + (present.has(stem) ? weight : 0), 0);
    return total === 0 ? 0 : found / total;
  });
}
