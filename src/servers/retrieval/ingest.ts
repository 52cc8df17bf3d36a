import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { TokenCounter } from '../../embedding/index.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { StoredDocument } from '../store/contract.ts';
import type { Store } from '../store/store.ts';
import { chunkDocument, chunkerName } from './chunker.ts';
import { findFiles } from './find-files.ts';
import type { Failure, FoundFile, FoundFiles, Skipped, SkipReason } from './find-files.ts';
import { readDocument } from './read-document.ts';

export interface IngestOptions {
  readonly store: Store;
  readonly counter: TokenCounter;
  readonly maxTokens: number;
  readonly projectFolder: string;
  /** The real path of SWITCHYARD_HOME, of which nothing is read. */
  readonly stateFolder: string;
  /** Absolute files and folders. */
  readonly paths: readonly string[];
  /** Read and cut even what seems unchanged. */
  readonly force?: boolean;
  readonly onProgress?: (done: number, total: number, path: string) => void;
  readonly signal?: AbortSignal;
}

export type IngestReport = {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Of added and updated documents. */
  readonly chunks: number;
  readonly skipped: readonly Skipped[];
  readonly failures: readonly Failure[];
};

/** A file that changed this shortly before it was read may change again within the same time stamp. */
const UNRELIABLE_TIME_MS = 2_000;

/** Reasons for which a walk passes by without a look at the file. */
const PASSED_BY: ReadonlySet<SkipReason> = new Set([
  'hidden',
  'version control or dependencies',
  'symbolic link',
]);

type FileOutcome =
  | { readonly type: 'added' | 'updated'; readonly chunks: number }
  | { readonly type: 'unchanged' }
  | { readonly type: 'skipped'; readonly skipped: Skipped }
  | { readonly type: 'failed'; readonly failure: Failure };

/**
 * Stores every document below the paths, each in one transaction, and forgets what is no longer there. A file whose
 * time and size are as stored is not read; one whose content is as stored is not cut. Rejects with HostError `store-…`
 * when the store fails, and with the signal's reason; a file that fails is reported and the others go on.
 */
export async function ingest(options: IngestOptions): Promise<IngestReport> {
  const { store, paths, stateFolder, onProgress, signal } = options;
  const found = await findFiles(paths, { stateFolder, signal });
  const count = { added: 0, updated: 0, unchanged: 0, chunks: 0 };
  const skipped = [...found.skipped];
  const failures: Failure[] = [];
  const stored = new Map(store.documents({ kinds: ['file'] }).map((document) => [document.uri, document]));
  for (const [index, file] of found.files.entries()) {
    signal?.throwIfAborted();
    onProgress?.(index, found.files.length, file.path);
    const outcome = await ingestFile(file, stored.get(file.path), options);
    if (outcome.type === 'skipped') skipped.push(outcome.skipped);
    else if (outcome.type === 'failed') failures.push(outcome.failure);
    else {
      count[outcome.type] += 1;
      if (outcome.type !== 'unchanged') count.chunks += outcome.chunks;
    }
    // Searches are answered between two files.
    await nextTurn();
  }
  const unusable = skipped.filter(({ reason }) => !PASSED_BY.has(reason)).map(({ path }) => path);
  const gone = goneDocuments(store, paths, found);
  const removed = store.remove([...gone, ...unusable]);
  const missing = found.failures.filter(({ path }) => !gone.some((uri) => isWithin(uri, path)));
  onProgress?.(found.files.length, found.files.length, '');
  return { ...count, removed, skipped, failures: [...missing, ...failures] };
}

async function ingestFile(
  file: FoundFile,
  stored: StoredDocument | undefined,
  { store, counter, maxTokens, projectFolder, force = false }: IngestOptions,
): Promise<FileOutcome> {
  const { path, sizeBytes } = file;
  const chunker = chunkerName(counter);
  const sameCut = stored?.chunker === chunker && !force;
  if (sameCut && stored.modifiedMs === file.modifiedMs && stored.sizeBytes === sizeBytes)
    return { type: 'unchanged' };
  try {
    const readMs = Date.now();
    const content = await readFile(path);
    const hash = createHash('sha256').update(content).digest('hex');
    const modifiedMs = readMs - file.modifiedMs > UNRELIABLE_TIME_MS ? file.modifiedMs : 0;
    if (sameCut && stored.hash === hash) {
      if (stored.modifiedMs !== modifiedMs) store.touch(path, modifiedMs);
      return { type: 'unchanged' };
    }
    const parsed = await readDocument(path, content);
    const chunks = chunkDocument(parsed, { counter, maxTokens });
    const title = relative(projectFolder, path);
    const format = parsed.kind;
    store.put(
      { uri: path, kind: 'file', title, hash, sizeBytes, modifiedMs, chunker, metadata: { format } },
      chunks,
    );
    return { type: stored === undefined ? 'added' : 'updated', chunks: chunks.length };
  } catch (error) {
    if (error instanceof HostError && error.code.startsWith('store-')) throw error;
    if (error instanceof HostError && error.code === 'binary-file') {
      return { type: 'skipped', skipped: { path, reason: 'binary' } };
    }
    return { type: 'failed', failure: { path, message: messageOf(error), isMissing: false } };
  }
}

/**
 * Documents below the paths that are there no more. One that could not be looked at, or that stands where a walk passes
 * by and was once named itself, is kept.
 */
function goneDocuments(store: Store, paths: readonly string[], found: FoundFiles): readonly string[] {
  const present = new Set(found.files.map(({ path }) => path));
  const unknown = [
    ...found.failures.filter(({ isMissing }) => !isMissing),
    ...found.skipped.filter(({ reason }) => PASSED_BY.has(reason)),
  ].map(({ path }) => path);
  const stored = new Set(paths.flatMap((path) => store.documents({ below: path }).map(({ uri }) => uri)));
  return [...stored].filter((uri) => !present.has(uri) && !unknown.some((path) => isWithin(uri, path)));
}

function isWithin(uri: string, path: string): boolean {
  return uri === path || uri.startsWith(`${path}/`) || uri.startsWith(`${path}\\`);
}
