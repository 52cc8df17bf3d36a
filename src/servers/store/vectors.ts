/** Vectors are kept beside the chunks, so that the index over them can be rebuilt without embedding anything again. */
import type { DatabaseSync } from 'node:sqlite';

import { transaction } from '../../database/transaction.ts';
import type { DocumentFilter } from './contract.ts';
import { filterClause } from './filter.ts';

export type TextToEmbed = { readonly number: number; readonly text: string };
export type VectorRow = { readonly chunk: number; readonly document: number; readonly vector: Float32Array };

/** Chunks that have no vector in this space, oldest first, as they are to be embedded. */
export function textsToEmbed(database: DatabaseSync, space: string, limit: number): readonly TextToEmbed[] {
  const select =
    'SELECT number, embedded_heading, text FROM chunks ' +
    'WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE chunk = number AND space = ?) ORDER BY number LIMIT ?';
  return database
    .prepare(select)
    .all(space, limit)
    .map((row) => {
      const heading = String(row['embedded_heading']);
      const text = String(row['text']);
      return { number: Number(row['number']), text: heading === '' ? text : `${heading}\n${text}` };
    });
}

/** Vectors of chunks that were removed meanwhile are dropped. */
export function storeVectors(
  database: DatabaseSync,
  space: string,
  texts: readonly TextToEmbed[],
  vectors: readonly Float32Array[],
): void {
  transaction(database, () => {
    const insert = database.prepare(
      'INSERT OR IGNORE INTO vectors (chunk, space, vector) SELECT number, ?, ? FROM chunks WHERE number = ?',
    );
    for (const [index, { number }] of texts.entries()) {
      const vector = vectors[index];
      if (vector === undefined)
        throw new Error(`The embedder gave ${vectors.length} vectors for ${texts.length} texts.`);
      insert.run(space, new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), number);
    }
  });
}

export type VectorCounts = { readonly chunks: number; readonly embedded: number; readonly indexed: number };

export function countVectors(database: DatabaseSync, space: string): VectorCounts {
  const row = database
    .prepare(
      'SELECT (SELECT count(*) FROM chunks) AS chunks, ' +
        '(SELECT count(*) FROM vectors WHERE space = ?) AS embedded, ' +
        '(SELECT count(*) FROM vectors WHERE space = ? AND indexed = 1) AS indexed',
    )
    .get(space, space);
  return {
    chunks: Number(row?.['chunks']),
    embedded: Number(row?.['embedded']),
    indexed: Number(row?.['indexed']),
  };
}

export function unindexedVectors(database: DatabaseSync, space: string, limit: number): readonly VectorRow[] {
  const select =
    'SELECT chunk, document, vector FROM vectors JOIN chunks ON chunks.number = vectors.chunk ' +
    'WHERE space = ? AND indexed = 0 LIMIT ?';
  return database
    .prepare(select)
    .all(space, limit)
    .map((row) => ({
      chunk: Number(row['chunk']),
      document: Number(row['document']),
      vector: vectorOf(row['vector']),
    }));
}

/** Vectors of unit length: their product is their cosine. */
export function cosines(
  database: DatabaseSync,
  space: string,
  vector: Float32Array,
  chunks: readonly number[],
): ReadonlyMap<number, number> {
  const select = database.prepare('SELECT vector FROM vectors WHERE chunk = ? AND space = ?');
  const found = new Map<number, number>();
  for (const chunk of chunks) {
    const row = select.get(chunk, space);
    if (row !== undefined) found.set(chunk, dot(vectorOf(row['vector']), vector));
  }
  return found;
}

export function markIndexed(database: DatabaseSync, space: string, chunks: readonly number[]): void {
  transaction(database, () => {
    const update = database.prepare('UPDATE vectors SET indexed = 1 WHERE chunk = ? AND space = ?');
    for (const chunk of chunks) update.run(chunk, space);
  });
}

/** The index of this space, or of every space, has to be built anew. */
export function markUnindexed(database: DatabaseSync, space?: string): void {
  if (space === undefined) database.exec('UPDATE vectors SET indexed = 0 WHERE indexed = 1');
  else database.prepare('UPDATE vectors SET indexed = 0 WHERE indexed = 1 AND space = ?').run(space);
}

/** Chunks that were removed here and may still be in the index. */
export function pendingRemovals(database: DatabaseSync): readonly number[] {
  return database
    .prepare('SELECT chunk FROM index_removals')
    .all()
    .map((row) => Number(row['chunk']));
}

export function removalsDone(database: DatabaseSync, chunks: readonly number[]): void {
  transaction(database, () => {
    const remove = database.prepare('DELETE FROM index_removals WHERE chunk = ?');
    for (const chunk of chunks) remove.run(chunk);
  });
}

export function documentNumbers(database: DatabaseSync, filter: DocumentFilter): readonly number[] {
  const { clause, values } = filterClause(filter);
  return database
    .prepare(`SELECT id FROM documents WHERE ${clause}`)
    .all(...values)
    .map((row) => Number(row['id']));
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}

function vectorOf(blob: unknown): Float32Array {
  if (!(blob instanceof Uint8Array)) throw new Error('A stored vector is no blob.');
  const bytes = blob.slice();
  return new Float32Array(bytes.buffer, 0, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
}
