/** What goes into a collection and what comes out. Types only. */
import type { JsonObject } from '../../json.ts';

export type DocumentInput = {
  /** Unique in the collection: an absolute path, or `fact:…`, `turn:…`. */
  readonly uri: string;
  readonly kind: string;
  readonly title: string;
  /** Of the content, so that an unchanged document is recognised. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970; 0 where the time must not be relied on. */
  readonly modifiedMs: number;
  /** Names the way in which the document was cut; another name means that it must be cut again. */
  readonly chunker: string;
  /** Documents may be found and removed by it, for example all turns of one session. */
  readonly group?: string;
  readonly metadata?: JsonObject;
};

export type StoredDocument = Omit<DocumentInput, 'metadata'> & {
  readonly id: number;
  readonly metadata: JsonObject;
  readonly storedMs: number;
  readonly chunkCount: number;
};

export type ChunkInput = {
  /** Verbatim content. */
  readonly text: string;
  /** Headings above the text, outermost first; embedded before it, and searched by words. */
  readonly headings: readonly string[];
  /** From 1. Absent where the source has no lines of its own. */
  readonly startLine?: number;
  readonly endLine?: number;
  /** The source's line of each line of the text, where these are not consecutive. */
  readonly lineNumbers?: readonly number[];
  /** From 1, for paged sources. */
  readonly page?: number;
};

export type StoredChunk = ChunkInput & {
  readonly id: string;
  /** The row in this collection; never used again after the chunk is removed. */
  readonly number: number;
  readonly uri: string;
  readonly kind: string;
};

export type DocumentFilter = {
  /** The document itself or everything below it, counted in whole path segments. */
  readonly below?: string;
  readonly kinds?: readonly string[];
  readonly group?: string;
  /** Not the documents of this group. */
  readonly exceptGroup?: string;
};

export type Hit = {
  readonly chunk: StoredChunk;
  /** Comparable only within one answer; higher is better. */
  readonly score: number;
};

export type SearchMode = 'fused' | 'lexical' | 'vector';

/**
 * ready: every chunk has its vector; partial: some are still to be embedded; unavailable: there is no embedder, or it did
 * not answer in time; unused: not asked for.
 */
export type VectorState = 'ready' | 'partial' | 'unavailable' | 'unused';

export type SearchAnswer = {
  readonly hits: readonly Hit[];
  /** What was in fact searched: `lexical` when vectors were asked for and are unavailable. */
  readonly mode: SearchMode;
  readonly vectors: VectorState;
  /** Why vectors are not ready, and what to do. */
  readonly note?: string;
  /** The query's vector where vectors took part. */
  readonly queryVector?: Float32Array;
};

export type PutOutcome = { readonly added: number; readonly kept: number; readonly removed: number };
