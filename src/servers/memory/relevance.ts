/**
 * Whether an entry has to do with a question. A ranking has a best entry for every question, also where memory holds
 * nothing on it; `npm run bench -- memory` measures where the line is drawn.
 */
import { stemsOf } from '../store/analyser.ts';
import type { SearchAnswer } from '../store/contract.ts';
import type { Store } from '../store/store.ts';
import { meaningfulWords } from '../store/words.ts';

export type Relevance = {
  /** The cosine of question and entry; absent where one of them has no vector. */
  readonly meaning?: number;
  /** Which share of the question's words the entry holds, each word weighed by its rarity. */
  readonly words: number;
};

const ENOUGH_MEANING = 0.25;
const ENOUGH_WORDS = 0.5;

export function isRelevant({ meaning = 0, words }: Relevance): boolean {
  return meaning >= ENOUGH_MEANING || words >= ENOUGH_WORDS;
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
