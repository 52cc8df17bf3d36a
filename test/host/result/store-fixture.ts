import { DEFAULT_RUNS } from '../../../src/config/runs-settings.ts';
import { LazyState } from '../../../src/host/lazy-state.ts';
import type { ResultStore, StoredResult } from '../../../src/host/result/contract.ts';
import type { ChunkedFile } from '../../../src/host/result/read-chunks.ts';
import { createResultStore } from '../../../src/host/result/store.ts';

export const PERSON = { actor: 'person' };
export const DAY_MS = 24 * 60 * 60 * 1_000;

export interface TestStore extends Disposable {
  readonly results: ResultStore;
  readonly state: LazyState;
}

/** Each call opens the home folder as another host would. */
export function openStore(homeFolder: string, now?: () => number): TestStore {
  const state = new LazyState(homeFolder, () => DEFAULT_RUNS);
  const results = createResultStore({ homeFolder, state: () => state.open(), ...(now ? { now } : {}) });
  return { results, state, [Symbol.dispose]: () => state[Symbol.dispose]() };
}

export function fileOf(results: ResultStore, stored: StoredResult): ChunkedFile {
  return { uri: stored.uri, chunks: stored.chunks, file: results.file(stored) };
}

export function text(value: string) {
  return { type: 'text' as const, mimeType: 'text/plain', text: value };
}
