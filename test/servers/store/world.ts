import type { Embedder } from '../../../src/embedding/contract.ts';
import { openEmbedder } from '../../../src/embedding/index.ts';
import type { ChunkInput, DocumentInput } from '../../../src/servers/store/contract.ts';
import { requireEmbedder } from '../../fixtures/embedder.ts';

const LINGER_MS = 200;

/** The real embedder, which counts the texts it is asked for. */
export function countingEmbedder(homeFolder: string): Embedder & { readonly embedded: () => number } {
  const embedder = openEmbedder({ homeFolder, folder: requireEmbedder(), lingerMs: LINGER_MS });
  let embedded = 0;
  return {
    id: embedder.id,
    dimensions: embedder.dimensions,
    maxTokens: embedder.maxTokens,
    embed(texts, options) {
      embedded += texts.length;
      return embedder.embed(texts, options);
    },
    embedded: () => embedded,
    [Symbol.asyncDispose]: () => embedder[Symbol.asyncDispose](),
  };
}

export function documentOf(uri: string, more: Partial<DocumentInput> = {}): DocumentInput {
  return { uri, kind: 'file', title: uri, hash: 'h', sizeBytes: 1, modifiedMs: 0, chunker: 'test', ...more };
}

export function chunksOf(...texts: readonly string[]): readonly ChunkInput[] {
  return texts.map((text, index) => ({ text, headings: [], startLine: index + 1, endLine: index + 1 }));
}
