/** Searches stores and turns their hits into what the tools answer with. */
import * as z from 'zod';

import type { DocumentFilter, SearchAnswer, StoredChunk } from '../store/contract.ts';
import type { Store } from '../store/store.ts';
import { type EntryKind, findEntry, metadataText, ownerOf, timeOf } from './entry.ts';
import { isRelevant, type Relevance, relevanceOf } from './relevance.ts';
import { SCOPES } from './scope-store.ts';
import type { Scope, ScopeStore } from './scope-store.ts';

export const foundSchema = z.object({
  type: z.enum(['fact', 'note', 'turn', 'summary']),
  text: z.string().describe('The passage that was found, verbatim.'),
  complete: z.boolean().describe('False: the passage is part of a longer text.'),
  at: z.string().describe('When it was said or last changed. ISO 8601, UTC.'),
  scope: z.enum(SCOPES),
  factId: z.string().optional(),
  sessionId: z.string().optional().describe('The session that it comes from.'),
  role: z.string().optional().describe('Who said it.'),
  source: z.string().optional().describe('Where a fact comes from, as it was remembered.'),
  similarity: z.number().optional().describe('The cosine of it and the query, where meaning took part.'),
});

export type Found = z.infer<typeof foundSchema>;

export const modeSchema = z
  .enum(['fused', 'lexical'])
  .describe('fused: searched by words and by meaning. lexical: by words only.');

export type FindAnswer = {
  /** Best first; each text once. */
  readonly found: readonly Found[];
  readonly mode: 'fused' | 'lexical';
  /** Why meaning took no part, or not for all. */
  readonly note?: string;
};

export type Place = { readonly home: ScopeStore; readonly filter: DocumentFilter };

export interface FindOptions {
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Leaves out what only happens to stand highest. */
  readonly onlyRelevant?: boolean;
  /** How long the query may take to be embedded before words must do alone. */
  readonly vectorTimeoutMs?: number;
}

type Scored = { readonly found: Found; readonly score: number };

/** Reciprocal Rank Fusion's constant; a ranking by words alone is scored as one half of a fused one. */
const RANK_CONSTANT = 60;

/** Searches all places at once. Scores of fused rankings are comparable across stores, those of BM25 are not. */
export async function findEntries(
  query: string,
  places: readonly Place[],
  { limit, signal, onlyRelevant = false, vectorTimeoutMs }: FindOptions,
): Promise<FindAnswer> {
  const timeout = vectorTimeoutMs === undefined ? {} : { vectorTimeoutMs };
  const answers = await Promise.all(
    places.map(async ({ home, filter }) => {
      const store = await home.open();
      const search = await store.search(query, { limit, filter, signal, ...timeout });
      if (search.vectors === 'partial') home.embedSoon(store);
      const relevance = relevanceOf(store, query, search);
      const hits = onlyRelevant
        ? search.hits.filter(({ chunk }) =>
            isRelevant(chunk.kind as EntryKind, relevance.get(chunk.number) ?? { words: 0 }),
          )
        : search.hits;
      return { search, scored: scoredOf(store, home.scope, { ...search, hits }, relevance) };
    }),
  );
  const best = answers
    .flatMap(({ scored }) => scored)
    .toSorted((left, right) => right.score - left.score)
    .map(({ found }) => found);
  const note = answers.map(({ search }) => search.note).find((text) => text !== undefined);
  return {
    found: withoutRepeats(best).slice(0, limit),
    mode: answers.some(({ search }) => search.mode === 'fused') ? 'fused' : 'lexical',
    ...(note !== undefined && { note }),
  };
}

/** `[fact 12ab · 2026-01-02T… · from a session] text` */
export function lineOf({ type, text, complete, at, scope, factId, sessionId, role, source }: Found): string {
  const facts = [
    factId === undefined ? type : `${type} ${factId}`,
    ...(role === undefined ? [] : [`by ${role}`]),
    ...(sessionId === undefined ? [] : [`session ${sessionId}`]),
    at,
    ...(scope === 'person' ? ['all projects'] : []),
    ...(source === undefined ? [] : [`source: ${source}`]),
    ...(complete ? [] : ['a part']),
  ];
  return `[${facts.join(' · ')}] ${text}`;
}

/** How the search was made, in a line for the reader. */
export function howFound({ mode, note }: Pick<FindAnswer, 'mode' | 'note'>): string {
  const how = mode === 'fused' ? 'Searched by words and by meaning.' : 'Searched by words only.';
  return note === undefined ? how : `${how} ${note}`;
}

function scoredOf(
  store: Store,
  scope: Scope,
  { hits, mode }: SearchAnswer,
  relevance: ReadonlyMap<number, Relevance>,
): readonly Scored[] {
  return hits.flatMap(({ chunk, score }, index) => {
    const entry = foundOf(store, scope, chunk);
    if (entry === undefined) return [];
    const similarity = relevance.get(chunk.number)?.meaning;
    const found = similarity === undefined ? entry : { ...entry, similarity };
    return [{ found, score: mode === 'fused' ? score : 1 / (RANK_CONSTANT + index + 1) }];
  });
}

function foundOf(store: Store, scope: Scope, chunk: StoredChunk): Found | undefined {
  const document = findEntry(store, chunk.uri);
  if (document === undefined) return undefined;
  const common = {
    text: chunk.text,
    complete: document.chunkCount === 1,
    at: timeOf(document),
    scope,
  };
  const owner = ownerOf(chunk.uri);
  if (chunk.kind === 'turn')
    return { type: 'turn', ...common, sessionId: owner, role: metadataText(document, 'role') ?? 'unknown' };
  if (chunk.kind === 'summary') return { type: 'summary', ...common, sessionId: owner };
  const source = metadataText(document, 'source');
  return {
    type: chunk.kind === 'note' ? 'note' : 'fact',
    ...common,
    factId: owner,
    ...(source !== undefined && { source }),
  };
}

function withoutRepeats(all: readonly Found[]): readonly Found[] {
  const seen = new Set<string>();
  return all.filter(({ text, sessionId }) => {
    const key = JSON.stringify([text, sessionId]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
