/**
 * Picks the sentences of found passages that answer a query best. Words count by their rarity in the collection, meaning
 * by the cosine of sentence and query, and a sentence of a better passage comes before an equal one of a worse.
 */
import type { Embedder } from '../../embedding/contract.ts';
import { HostError } from '../../errors.ts';
import { stemsOf } from '../store/analyser.ts';
import type { Hit } from '../store/contract.ts';
import { meaningfulWords } from '../store/words.ts';
import { type Sentence, sentencesOf } from './sentences.ts';

export type Quote = {
  readonly text: string;
  readonly uri: string;
  readonly line?: number;
  readonly page?: number;
  /** Between 0 and about 1. */
  readonly score: number;
};

export interface QuoteOptions {
  readonly query: string;
  readonly hits: readonly Hit[];
  readonly count: number;
  readonly rarity: (stems: Iterable<string>) => ReadonlyMap<string, number>;
  readonly embedder: Embedder;
  /** The query's vector; without it words decide alone. */
  readonly queryVector: Float32Array | undefined;
  readonly signal: AbortSignal;
}

type Candidate = {
  readonly sentence: Sentence;
  readonly hit: Hit;
  readonly rank: number;
  readonly words: number;
};

/** Only these many sentences, the best by words and passage, are compared by meaning. */
const MOST_EMBEDDED = 24;
/** What a word in a heading above the sentence is worth beside the same word in it. */
const HEADING_SHARE = 0.5;
const NUMBER_WEIGHT = 1.5;
/** Beyond this many stems a sentence is thought to say other things as well. */
const USUAL_STEMS = 30;
const WORD_SHARE = 0.45;
const MEANING_SHARE = 0.35;
const PASSAGE_SHARE = 0.2;
const CODE_FACTOR = 0.8;

export async function bestQuotes(options: QuoteOptions): Promise<readonly Quote[]> {
  const candidates = candidatesOf(options);
  const meaning = await meaningOf(candidates.slice(0, MOST_EMBEDDED), options);
  const scored = candidates.map((candidate, index) => ({
    candidate,
    score: scoreOf(candidate, meaning?.[index]),
  }));
  scored.sort((left, right) => right.score - left.score);
  const seen = new Set<string>();
  const quotes: Quote[] = [];
  for (const { candidate, score } of scored) {
    const { sentence, hit } = candidate;
    if (quotes.length === options.count) break;
    if (seen.has(sentence.text)) continue;
    seen.add(sentence.text);
    quotes.push({
      text: sentence.text,
      uri: hit.chunk.uri,
      ...(sentence.line === undefined ? {} : { line: sentence.line }),
      ...(hit.chunk.page === undefined ? {} : { page: hit.chunk.page }),
      score,
    });
  }
  return quotes;
}

/** Every sentence of the passages, best by words and passage first. */
function candidatesOf({ query, hits, rarity }: QuoteOptions): readonly Candidate[] {
  const sentences = hits.flatMap((hit, rank) =>
    sentencesOf(hit.chunk).map((sentence) => ({ sentence, hit, rank })),
  );
  const headings = hits.map(({ chunk }) => chunk.headings.join(' '));
  const [queryStems = [], ...stems] = stemsOf([
    meaningfulWords(query).join(' '),
    ...sentences.map(({ sentence }) => sentence.text),
    ...headings,
  ]);
  const wanted = new Set(queryStems);
  const weights = new Map(
    [...rarity(wanted)].map(([stem, idf]) => [stem, /^\p{N}+$/u.test(stem) ? idf * NUMBER_WEIGHT : idf]),
  );
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const headingStems = headings.map((_, index) => new Set(stems[sentences.length + index]));
  return sentences
    .map(({ sentence, hit, rank }, index) => {
      const own = stems[index] ?? [];
      const present = new Set(own);
      let sum = 0;
      for (const [stem, weight] of weights) {
        if (present.has(stem)) sum += weight;
        else if (headingStems[rank]?.has(stem)) sum += weight * HEADING_SHARE;
      }
      const length = Math.min(1, USUAL_STEMS / Math.max(own.length, 1)) ** 0.5;
      return { sentence, hit, rank, words: total === 0 ? 0 : (sum / total) * length };
    })
    .sort((left, right) => scoreOf(right, undefined) - scoreOf(left, undefined));
}

function scoreOf({ sentence, rank, words }: Candidate, meaning: number | undefined): number {
  const passage = 1 / (1 + rank);
  const score = WORD_SHARE * words + PASSAGE_SHARE * passage + MEANING_SHARE * (meaning ?? 0);
  return sentence.kind === 'code' ? score * CODE_FACTOR : score;
}

/** Undefined where there is no vector of the query or no embedder. */
async function meaningOf(
  candidates: readonly Candidate[],
  { queryVector, embedder, signal }: QuoteOptions,
): Promise<readonly number[] | undefined> {
  if (queryVector === undefined || candidates.length === 0) return undefined;
  try {
    const texts = candidates.map(({ sentence, hit }) =>
      [...hit.chunk.headings.slice(-1), sentence.text].join('. '),
    );
    const vectors = await embedder.embed(texts, { signal });
    return vectors.map((vector) => Math.max(0, dot(vector, queryVector)));
  } catch (error) {
    // Words decide alone; the search's own note says that the embedder is missing.
    if (error instanceof HostError && error.code === 'embedder-unavailable') return undefined;
    throw error;
  }
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}
