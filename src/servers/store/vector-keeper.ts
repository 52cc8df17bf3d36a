/** Keeps vectors and their index in step with the chunks: one process embeds, the others wait for it. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { withWriteLock } from '../../database/write-lock.ts';
import type { Embedder } from '../../embedding/contract.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { DocumentFilter, VectorState } from './contract.ts';
import { isUnfiltered } from './filter.ts';
import type { Ranked } from './lexical.ts';
import { VectorIndex } from './vector-index.ts';
import { cosines, countVectors, documentNumbers, storeVectors, textsToEmbed } from './vectors.ts';
import type { VectorCounts } from './vectors.ts';

export interface VectorKeeperOptions {
  readonly folder: string;
  readonly database: DatabaseSync;
  readonly collectionId: string;
  readonly embedder: Embedder;
}

export interface UpdateOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (counts: VectorCounts) => void;
}

const TEXTS_AT_ONCE = 32;
/** So many vectors are made before the index learns of them; a search in between finds those. */
const TEXTS_BETWEEN_UPDATES = 512;

export class VectorKeeper {
  readonly #options: VectorKeeperOptions;
  readonly #lockFile: string;
  readonly #indexFolder: string;
  #index: VectorIndex | undefined;

  constructor(options: VectorKeeperOptions) {
    this.#options = options;
    this.#lockFile = join(options.folder, 'vectors.lock');
    this.#indexFolder = join(options.folder, 'vectors.lance');
  }

  /** Throws HostError `embedder-unavailable` where the embedder is missing. */
  counts(): VectorCounts {
    return countVectors(this.#options.database, this.#options.embedder.id);
  }

  /** Embeds what has no vector and brings the index up to date. Rejects with HostError `embedder-unavailable`. */
  async update({ signal, onProgress }: UpdateOptions): Promise<void> {
    const { database, embedder } = this.#options;
    const space = embedder.id;
    const index = this.#indexOf(space);
    await withWriteLock(this.#lockFile, signal, async () => {
      let sinceUpdate = 0;
      for (let texts = textsToEmbed(database, space, TEXTS_AT_ONCE); texts.length > 0; ) {
        const vectors = await embedder.embed(
          texts.map(({ text }) => text),
          { signal },
        );
        storeVectors(database, space, texts, vectors);
        sinceUpdate += texts.length;
        if (sinceUpdate >= TEXTS_BETWEEN_UPDATES) {
          await index.update();
          sinceUpdate = 0;
        }
        onProgress?.(this.counts());
        signal.throwIfAborted();
        texts = textsToEmbed(database, space, TEXTS_AT_ONCE);
      }
      await index.update();
      onProgress?.(this.counts());
    });
  }

  /** Never rejects for a missing or failing embedder: `state` and `note` say so, and the ranking is empty. */
  async search(
    query: string,
    limit: number,
    filter: DocumentFilter,
    signal: AbortSignal,
  ): Promise<VectorSearch> {
    const { database, embedder } = this.#options;
    try {
      const { chunks, indexed } = this.counts();
      const state = indexed >= chunks ? 'ready' : 'partial';
      if (indexed === 0) return { ranking: [], state, ...(state === 'partial' && { note: EMBEDDING_NOTE }) };
      const [vector] = await embedder.embed([query], { signal });
      if (vector === undefined)
        throw new HostError('embedder-unavailable', 'The embedder gave no vector for the query.');
      const documents = isUnfiltered(filter) ? undefined : documentNumbers(database, filter);
      const ranking = await this.#indexOf(embedder.id).search(vector, limit, documents);
      return { ranking, vector, state, ...(state === 'partial' && { note: EMBEDDING_NOTE }) };
    } catch (error) {
      if (signal.aborted)
        return { ranking: [], state: 'unavailable', note: 'The embedder did not answer in time.' };
      if (!(error instanceof HostError) || error.code !== 'embedder-unavailable') throw error;
      return { ranking: [], state: 'unavailable', note: messageOf(error) };
    }
  }

  /** By number of chunk; of chunks without a vector there is none. Throws HostError `embedder-unavailable`. */
  similarities(vector: Float32Array, numbers: readonly number[]): ReadonlyMap<number, number> {
    const { database, embedder } = this.#options;
    return cosines(database, embedder.id, vector, numbers);
  }

  /**
   * Takes the index off the disk, so that nothing of removed chunks stays in any version of it, and builds it again from
   * the vectors in SQLite.
   */
  async erase(signal: AbortSignal): Promise<void> {
    const { database, collectionId, embedder } = this.#options;
    await withWriteLock(this.#lockFile, signal, async () => {
      const space = spaceOf(embedder);
      const index =
        space === undefined
          ? new VectorIndex({ folder: this.#indexFolder, database, collectionId, space: 'none' })
          : this.#indexOf(space);
      await index.erase();
      if (space !== undefined) await index.update();
    });
  }

  async close(): Promise<void> {
    await this.#index?.close();
  }

  #indexOf(space: string): VectorIndex {
    const { database, collectionId } = this.#options;
    this.#index ??= new VectorIndex({ folder: this.#indexFolder, database, collectionId, space });
    return this.#index;
  }
}

export type VectorSearch = {
  readonly ranking: readonly Ranked[];
  readonly vector?: Float32Array;
  readonly state: VectorState;
  readonly note?: string;
};

const EMBEDDING_NOTE = 'Some passages are still being embedded; those are found by their words only.';

/** Undefined where the embedder is missing: nobody can search by vectors then. */
function spaceOf(embedder: Embedder): string | undefined {
  try {
    return embedder.id;
  } catch (error) {
    if (error instanceof HostError && error.code === 'embedder-unavailable') return undefined;
    throw error;
  }
}
