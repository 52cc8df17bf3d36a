import type { DatabaseSync } from 'node:sqlite';

import type { DocumentFilter } from './contract.ts';
import { filterClause } from './filter.ts';
import { matchExpression } from './words.ts';

export type Ranked = { readonly number: number; readonly score: number };

/** A word in a heading says more about a passage than the same word within it. */
const HEADING_WEIGHT = 2;
const TEXT_WEIGHT = 1;
const IDENTIFIER_WEIGHT = 0.5;

/** BM25 over headings, text and the parts of identifiers (stemmed); best first. */
export function searchWords(
  database: DatabaseSync,
  query: string,
  limit: number,
  filter: DocumentFilter,
): readonly Ranked[] {
  const expression = matchExpression(query);
  if (expression === undefined) return [];
  const { clause, values } = filterClause(filter);
  const select =
    `SELECT words.rowid AS number, -bm25(words, ${HEADING_WEIGHT}, ${TEXT_WEIGHT}, ${IDENTIFIER_WEIGHT}) AS score FROM words ` +
    'JOIN chunks ON chunks.number = words.rowid JOIN documents ON documents.id = chunks.document ' +
    `WHERE words MATCH ? AND ${clause} ORDER BY score DESC, words.rowid LIMIT ?`;
  const rows = database.prepare(select).all(expression, ...values, limit);
  return rows.map((row) => ({ number: Number(row['number']), score: Number(row['score']) }));
}

/** How rare each stem is in the collection, as BM25 weighs it; a stem that does not occur weighs most. */
export function inverseFrequencies(
  database: DatabaseSync,
  stems: Iterable<string>,
): ReadonlyMap<string, number> {
  const total = Number(database.prepare('SELECT count(*) AS total FROM chunks').get()?.['total']);
  const count = database.prepare('SELECT doc FROM word_counts WHERE term = ?');
  const weigh = (stem: string): number => {
    const found = Number(count.get(stem)?.['doc'] ?? 0);
    return Math.log(1 + (total - Math.min(found, total) + 0.5) / (found + 0.5));
  };
  return new Map([...new Set(stems)].map((stem) => [stem, weigh(stem)]));
}
