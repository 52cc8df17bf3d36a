/** What the tools of this server share: one collection, what fills it, and who waits for whom. */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { missingFiles, obtainEmbedder, openEmbedder, openTokenCounter } from '../../embedding/index.ts';
import type { Embedder } from '../../embedding/contract.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { ServerLog } from '../log.ts';
import type { SearchAnswer } from '../store/contract.ts';
import { Store, type StoreSearchOptions } from '../store/store.ts';
import { isInside } from './find-files.ts';
import { ingest, type IngestReport } from './ingest.ts';

export interface LibraryOptions {
  readonly projectFolder: string;
  readonly dataFolder: string;
  readonly homeFolder: string;
  readonly embedderFolder: string;
  /** Absolute paths that are kept up to date: indexed whenever the server starts. */
  readonly sources: readonly string[];
  readonly log: ServerLog;
}

export interface LibraryIngestOptions {
  readonly paths: readonly string[];
  readonly force?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, message: string) => void;
}

export class Library implements AsyncDisposable {
  readonly projectFolder: string;
  readonly embedder: Embedder;
  readonly #options: LibraryOptions;
  #store: Store | undefined;
  readonly #closing = new AbortController();
  /** Ends when the sources can be found by words. */
  readonly #sourcesReady: Promise<IngestReport | undefined>;
  /** Ends when the embedder's files are there, or cannot be had. */
  readonly #embedderObtained: Promise<void>;
  #ingests: Promise<unknown> = Promise.resolve();
  readonly #background: Promise<void>;

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.projectFolder = options.projectFolder;
    this.embedder = openEmbedder({ homeFolder: options.homeFolder, folder: options.embedderFolder });
    this.#embedderObtained = this.#obtainEmbedder();
    this.#sourcesReady = this.#indexSources();
    this.#background = this.#sourcesReady.then(() => this.#embedInBackground());
  }

  /**
   * Opened at first use, so that a damaged store fails the calls that need it, each with its path and advice, and not the
   * server. Throws HostError `store-…`.
   */
  get store(): Store {
    this.#closing.signal.throwIfAborted();
    this.#store ??= new Store({
      folder: this.#options.dataFolder,
      collection: this.projectFolder,
      embedder: this.embedder,
    });
    return this.#store;
  }

  /** Waits for the sources to be indexed by words; vectors take part as far as they are made. */
  async search(query: string, options: StoreSearchOptions): Promise<SearchAnswer> {
    await this.#sourcesReady;
    return this.store.search(query, options);
  }

  /** What of the sources could not be read, for `status`. */
  sourcesReport(): Promise<IngestReport | undefined> {
    return this.#sourcesReady;
  }

  /** One at a time; ends when everything is found by words and by vectors, or by words alone and `note` says why. */
  async ingest(
    options: LibraryIngestOptions,
  ): Promise<{ readonly report: IngestReport; readonly note?: string }> {
    const paths = options.paths.map((path) => this.#allowed(path));
    const { signal, onProgress } = options;
    const turn = this.#ingests.then(async () => {
      // Passages are cut by the embedder's own tokenizer; a first ingest waits for it rather than cut twice.
      await endOf(this.#embedderObtained, signal);
      return this.#ingestNow(paths, options);
    });
    // The next one waits for this one to end, however it ends.
    this.#ingests = turn.catch(() => undefined);
    const report = await turn;
    try {
      await this.store.updateVectors({
        signal,
        onProgress: ({ embedded, chunks }) =>
          onProgress(embedded, chunks, `embedding passage ${embedded} of ${chunks}`),
      });
      return { report };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HostError) || error.code !== 'embedder-unavailable') throw error;
      return { report, note: `Search works by words only: ${error.message}` };
    }
  }

  /** Relative to the project where the path lies in it. */
  shown(uri: string): string {
    const path = relative(this.projectFolder, uri);
    return path === '' || path.startsWith('..') || isAbsolute(path) ? uri : path.split(sep).join('/');
  }

  resolve(path: string): string {
    return resolve(this.projectFolder, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new HostError('server-closing', 'The retrieval server is stopping.'));
    await Promise.allSettled([this.#embedderObtained, this.#sourcesReady, this.#background, this.#ingests]);
    await this.#store?.[Symbol.asyncDispose]();
    await this.embedder[Symbol.asyncDispose]();
  }

  async #ingestNow(
    paths: readonly string[],
    options: Omit<LibraryIngestOptions, 'paths'>,
  ): Promise<IngestReport> {
    const counter = await openTokenCounter(this.#options.embedderFolder);
    return ingest({
      store: this.store,
      counter,
      maxTokens: CHUNK_TOKENS,
      projectFolder: this.projectFolder,
      stateFolder: realpathSync(this.#options.homeFolder),
      paths,
      signal: AbortSignal.any([options.signal, this.#closing.signal]),
      onProgress: (done, total, path) =>
        options.onProgress(done, total, path === '' ? 'read all files' : this.shown(path)),
      ...(options.force === undefined ? {} : { force: options.force }),
    });
  }

  async #indexSources(): Promise<IngestReport | undefined> {
    const { sources, log } = this.#options;
    if (sources.length === 0) return undefined;
    try {
      const report = await this.#ingestNow(sources, {
        signal: this.#closing.signal,
        onProgress: () => undefined,
      });
      const { skipped, failures, ...counts } = report;
      log('info', 'sources indexed', { ...counts, skipped: skipped.length, failures: failures.length });
      for (const failure of failures)
        log('warn', 'source not indexed', { path: failure.path, reason: failure.message });
      return report;
    } catch (error) {
      if (!this.#closing.signal.aborted) log('error', 'sources not indexed', { reason: messageOf(error) });
      return undefined;
    }
  }

  /** Never rejects. */
  async #obtainEmbedder(): Promise<void> {
    const { embedderFolder: folder, log } = this.#options;
    const { signal } = this.#closing;
    if (missingFiles(folder).length === 0) return;
    // A folder that a person named is theirs: it is not filled, and a mistyped one is said to be empty.
    if (!folder.startsWith(this.#options.homeFolder + sep)) return;
    try {
      await obtainEmbedder({ folder, signal, onProgress: (message) => log('info', message) });
    } catch (error) {
      if (!signal.aborted) log('warn', 'the embedder cannot be fetched', { reason: messageOf(error) });
    }
  }

  /** Makes the vectors that are missing. Never rejects. */
  async #embedInBackground(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#closing;
    try {
      await this.#embedderObtained;
      await this.store.updateVectors({ signal });
    } catch (error) {
      if (!signal.aborted) log('warn', 'search works by words only', { reason: messageOf(error) });
    }
  }

  #allowed(path: string): string {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
      throw new HostError(
        'invalid-path',
        `${path} is an address. Only files and folders can be ingested; fetch the page and save it first.`,
      );
    }
    const absolute = this.resolve(path);
    if (isInside(realPathOf(absolute), realpathSync(this.#options.homeFolder))) {
      throw new HostError(
        'invalid-path',
        `${path} is inside the program's own state folder, which is never ingested.`,
      );
    }
    return absolute;
  }
}

/** The path itself where nothing is there. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return path;
    throw error;
  }
}

/** The embedder takes 256 tokens, two of them its own marks; a little room is left. */
const CHUNK_TOKENS = 250;

/** Waits for the work, or rejects with the signal's reason. */
async function endOf(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
