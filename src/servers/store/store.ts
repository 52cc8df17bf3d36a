import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import type { Embedder } from '../../embedding/contract.ts';
import { HostError, messageOf } from '../../errors.ts';
import type {
  ChunkInput,
  DocumentFilter,
  DocumentInput,
  Hit,
  PutOutcome,
  SearchAnswer,
  SearchMode,
  StoredChunk,
  StoredDocument,
} from './contract.ts';
import { openDatabase } from '../../database/database.ts';
import { eraseDeleted } from '../../database/erase-deleted.ts';
import {
  chunksByNumber,
  chunksOfDocument,
  listDocuments,
  putDocument,
  removeDocuments,
  touchDocument,
} from './documents.ts';
import { storeFailure } from '../../database/failure.ts';
import { fuse } from './fusion.ts';
import { inverseFrequencies, searchWords } from './lexical.ts';
import type { Ranked } from './lexical.ts';
import { SCHEMA } from './schema.ts';
import { VectorKeeper } from './vector-keeper.ts';
import type { UpdateOptions } from './vector-keeper.ts';
import type { VectorCounts } from './vectors.ts';

export interface StoreOptions {
  /** Holds `store.db` and the vector index; belongs to this collection alone. */
  readonly folder: string;
  /** Part of every chunk's id: equal for equal collections on every machine and in every process. */
  readonly collection: string;
  readonly embedder: Embedder;
}

export interface StoreSearchOptions {
  readonly limit: number;
  readonly mode?: SearchMode;
  readonly filter?: DocumentFilter;
  /** How long the query may take to be embedded before words must do alone. 2.5 s by default. */
  readonly vectorTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Each ranking contributes at least this many candidates to the fusion. */
const FEWEST_CANDIDATES = 100;
const CANDIDATES_A_RESULT = 4;

/**
 * A collection of documents, searched by words and by vectors. Several processes may hold the same folder open. Throws
 * HostErrors `store-…` that name the file and say what to do.
 */
export class Store implements AsyncDisposable {
  readonly #file: string;
  readonly #collection: string;
  readonly #database: DatabaseSync;
  readonly #vectors: VectorKeeper;
  readonly #closing = new AbortController();
  #open = true;
  #updates = new Set<Promise<void>>();

  constructor({ folder, collection, embedder }: StoreOptions) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (process.platform !== 'win32') chmodSync(folder, 0o700);
    this.#file = join(folder, 'store.db');
    this.#collection = collection;
    this.#database = openDatabase(this.#file, SCHEMA);
    const row = this.#database.prepare('SELECT id FROM collection').get();
    this.#vectors = new VectorKeeper({
      folder,
      database: this.#database,
      collectionId: String(row?.['id']),
      embedder,
    });
  }

  put(document: DocumentInput, chunks: readonly ChunkInput[]): PutOutcome {
    return this.#do(() => putDocument(this.#database, this.#collection, document, chunks));
  }

  touch(uri: string, modifiedMs: number): void {
    this.#do(() => touchDocument(this.#database, uri, modifiedMs));
  }

  remove(uris: readonly string[]): number {
    return this.#do(() => removeDocuments(this.#database, uris));
  }

  /** Ordered by uri. */
  documents(filter: DocumentFilter = {}): readonly StoredDocument[] {
    return this.#do(() => listDocuments(this.#database, filter));
  }

  chunksOf(uri: string): readonly StoredChunk[] {
    return this.#do(() => chunksOfDocument(this.#database, uri));
  }

  /** How rare each stem is among the chunks, as BM25 weighs it. */
  rarity(stems: Iterable<string>): ReadonlyMap<string, number> {
    return this.#do(() => inverseFrequencies(this.#database, stems));
  }

  /** The cosine of a vector and each of these chunks; those that have no vector yet are left out. */
  similarities(vector: Float32Array, numbers: readonly number[]): ReadonlyMap<number, number> {
    return this.#do(() => this.#vectors.similarities(vector, numbers));
  }

  /** Best first. Never fails for want of an embedder: the answer says what was searched and why. */
  async search(query: string, options: StoreSearchOptions): Promise<SearchAnswer> {
    const { limit, mode = 'fused', filter = {}, vectorTimeoutMs = 2_500, signal } = options;
    const candidates = Math.max(FEWEST_CANDIDATES, limit * CANDIDATES_A_RESULT);
    const words = (): readonly Ranked[] =>
      this.#do(() => searchWords(this.#database, query, candidates, filter));
    if (mode === 'lexical') return { hits: this.#hits(words(), limit), mode, vectors: 'unused' };
    const deadline = AbortSignal.any([
      AbortSignal.timeout(vectorTimeoutMs),
      this.#closing.signal,
      ...(signal === undefined ? [] : [signal]),
    ]);
    const found = await this.#vectors.search(query, candidates, filter, deadline);
    signal?.throwIfAborted();
    const extra = {
      vectors: found.state,
      ...(found.note !== undefined && { note: found.note }),
      ...(found.vector !== undefined && { queryVector: found.vector }),
    };
    if (found.vector === undefined) return { hits: this.#hits(words(), limit), mode: 'lexical', ...extra };
    const ranking = mode === 'vector' ? found.ranking : fuse([words(), found.ranking], candidates);
    return { hits: this.#hits(ranking, limit), mode, ...extra };
  }

  /**
   * Embeds what has no vector yet and brings the index up to date; other processes that want the same wait their turn.
   * Rejects with HostError `embedder-unavailable`, or with the signal's reason.
   */
  updateVectors(
    options: { readonly signal?: AbortSignal; readonly onProgress?: UpdateOptions['onProgress'] } = {},
  ): Promise<void> {
    const { signal, onProgress } = options;
    const stop =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    const update = this.#vectors
      .update({ signal: stop, ...(onProgress !== undefined && { onProgress }) })
      .catch((error: unknown) => {
        throw storeFailure(error, this.#file);
      });
    this.#updates.add(update);
    const forget = (): boolean => this.#updates.delete(update);
    update.then(forget, forget);
    return update;
  }

  /** Chunks, and how many of them have vectors; only the chunks are known without an embedder. */
  counts(): VectorCounts & { readonly documents: number; readonly embedderProblem?: string } {
    return this.#do(() => {
      const row = this.#database
        .prepare(
          'SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM chunks) AS chunks',
        )
        .get();
      const documents = Number(row?.['documents']);
      try {
        return { documents, ...this.#vectors.counts() };
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        return {
          documents,
          chunks: Number(row?.['chunks']),
          embedded: 0,
          indexed: 0,
          embedderProblem: messageOf(error),
        };
      }
    });
  }

  /**
   * Leaves nothing on the disk of what was removed: not in the full-text index, not in the write-ahead log, not in any
   * version of the vector index. Rejects with HostError `store-busy` where another program keeps reading an old state.
   */
  async purge(): Promise<void> {
    await this.#vectors.erase(this.#closing.signal);
    this.#do(() => this.#database.exec("INSERT INTO words (words) VALUES ('optimize')"));
    await eraseDeleted(this.#database, this.#file, { signal: this.#closing.signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#closing.abort(new HostError('store-closed', `${this.#file} was closed.`));
    await Promise.allSettled(this.#updates);
    await this.#vectors.close();
    this.#database.close();
  }

  #hits(ranking: readonly Ranked[], limit: number): readonly Hit[] {
    const scores = new Map(ranking.map(({ number, score }) => [number, score]));
    const numbers = ranking.map(({ number }) => number);
    const chunks = this.#do(() =>
      chunksByNumber(this.#database, numbers.slice(0, limit * CANDIDATES_A_RESULT)),
    );
    return chunks.slice(0, limit).map((chunk) => ({ chunk, score: scores.get(chunk.number) ?? 0 }));
  }

  #do<Result>(work: () => Result): Result {
    if (!this.#open) throw new HostError('store-closed', `${this.#file} was closed.`);
    try {
      return work();
    } catch (error) {
      throw storeFailure(error, this.#file);
    }
  }
}
