/** One store of memories: opened when first needed, changed by one process at a time, and truly emptied. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { withWriteLock } from '../../database/write-lock.ts';
import type { Embedder } from '../../embedding/contract.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { ServerLog } from '../log.ts';
import { Store } from '../store/store.ts';

export const SCOPES = ['project', 'person'] as const;
export type Scope = (typeof SCOPES)[number];

export interface ScopeStoreOptions {
  readonly scope: Scope;
  readonly folder: string;
  readonly embedder: Embedder;
  readonly log: ServerLog;
}

export class ScopeStore implements AsyncDisposable {
  readonly scope: Scope;
  readonly #options: ScopeStoreOptions;
  readonly #lockFile: string;
  /** There while something was taken out of the tables and may still stand in free parts of the files. */
  readonly #forgettingFile: string;
  readonly #closing = new AbortController();
  #store: Promise<Store> | undefined;
  #embedding = false;
  #embedAgain = false;
  /** Why memories could not be embedded the last time. */
  #saidReason: string | undefined;

  constructor(options: ScopeStoreOptions) {
    this.scope = options.scope;
    this.#options = options;
    this.#lockFile = join(options.folder, 'memory.lock');
    this.#forgettingFile = join(options.folder, 'forgetting');
  }

  /**
   * Finishes what a process that died in the midst of forgetting began. Rejects with a HostError `store-…` where the file
   * is damaged or cannot be written; the next call tries again.
   */
  open(): Promise<Store> {
    if (this.#closing.signal.aborted) {
      return Promise.reject(
        new HostError('store-closed', `The memory in ${this.#options.folder} was closed.`),
      );
    }
    this.#store ??= this.#open().catch((error: unknown) => {
      this.#store = undefined;
      throw error;
    });
    return this.#store;
  }

  /** Runs `work` while no other process changes facts here, then has what it stored embedded in the background. */
  async change<Result>(signal: AbortSignal, work: (store: Store) => Result): Promise<Result> {
    const store = await this.open();
    const result = await withWriteLock(this.#lockFile, this.#untilClosed(signal), async () => work(store));
    this.embedSoon(store);
    return result;
  }

  /**
   * Removes the chosen documents and every trace of them in the files of this store. Returns how many there were. Once
   * something is removed, only a closing server stops the cleaning; the next start goes on with it.
   */
  async forget(signal: AbortSignal, choose: (store: Store) => readonly string[]): Promise<number> {
    const store = await this.open();
    const removed = await withWriteLock(this.#lockFile, this.#untilClosed(signal), async () => {
      const uris = choose(store);
      if (uris.length === 0 && !existsSync(this.#forgettingFile)) return 0;
      await writeFile(this.#forgettingFile, '', { mode: 0o600 });
      const count = store.remove(uris);
      await this.#clean(store);
      return count;
    });
    if (removed > 0) this.embedSoon(store);
    return removed;
  }

  /** Embeds in the background what has no vector yet. One such work at a time. */
  embedSoon(store: Store): void {
    this.#embedAgain = true;
    if (this.#embedding) return;
    this.#embedding = true;
    void this.#embed(store);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new HostError('store-closed', `The memory in ${this.#options.folder} was closed.`));
    const [opened] = await Promise.allSettled([this.#store]);
    if (opened.status === 'fulfilled') await opened.value?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<Store> {
    const { folder, embedder, log, scope } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new Store({ folder, collection: `memory-${scope}`, embedder });
    if (!existsSync(this.#forgettingFile)) return store;
    try {
      await withWriteLock(this.#lockFile, this.#closing.signal, () => this.#clean(store));
    } catch (error) {
      log('warn', 'what was forgotten could not be cleaned off the disk yet', {
        scope,
        error: messageOf(error),
      });
    }
    return store;
  }

  /** The caller holds the lock. */
  async #clean(store: Store): Promise<void> {
    try {
      await store.purge();
    } catch (error) {
      throw new HostError(
        'forget-unfinished',
        `It is no longer found, but traces may still be in the files of ${this.#options.folder}: ${messageOf(error)} ` +
          'Call forget once more; the next start of this server cleans them as well.',
        { cause: error },
      );
    }
    await rm(this.#forgettingFile, { force: true });
  }

  /** Never rejects. */
  async #embed(store: Store): Promise<void> {
    const { log, scope } = this.#options;
    while (this.#embedAgain && !this.#closing.signal.aborted) {
      this.#embedAgain = false;
      try {
        await store.updateVectors();
      } catch (error) {
        const reason = messageOf(error);
        // Said once: it is tried again with every change.
        if (!this.#closing.signal.aborted && reason !== this.#saidReason) {
          log('info', 'memories are found by their words only', { scope, reason });
        }
        this.#saidReason = reason;
      }
    }
    this.#embedding = false;
  }

  #untilClosed(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }
}
