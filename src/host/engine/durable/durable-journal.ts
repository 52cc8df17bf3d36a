import type { RunRecord } from '../engine.ts';
import type { Journal, JournalRow, JournalWatcher, RunClose } from '../journal.ts';
import type { JournalWriter, OwnedRun } from './journal-writer.ts';
import type { RunStore } from './run-store.ts';
import type { RunWatch } from './run-watch.ts';

export interface JournalParts {
  readonly store: RunStore;
  readonly writer: JournalWriter;
  readonly watch: RunWatch;
}

/** The journal of one run that this host owns. */
export class DurableJournal implements Journal {
  readonly run: RunRecord;
  readonly #parts: JournalParts;
  readonly #owned: OwnedRun;
  #watcher: JournalWatcher | undefined;

  constructor(
    run: RunRecord,
    { key, fence, lastNumber }: { readonly key: number; readonly fence: number; readonly lastNumber: number },
    parts: JournalParts,
  ) {
    this.run = run;
    this.#parts = parts;
    this.#owned = {
      key,
      id: run.id,
      fence,
      number: lastNumber,
      failure: undefined,
      unwritten: [],
      onFailure: (error) => this.#watcher?.onFailure(error),
    };
    parts.watch.add(key, {
      onSignal: () => this.#watcher?.onSignal(),
      onCancel: (reason) => this.#watcher?.onCancel(reason),
    });
  }

  rows(): Iterable<JournalRow> {
    return this.#owned.number === 0 ? [] : this.#parts.store.rows({ key: this.#owned.key, run: this.run });
  }

  append(row: JournalRow, onWritten?: () => void): void {
    this.#parts.writer.append(this.#owned, row, onWritten);
  }

  alongside(work: () => void): void {
    this.#parts.writer.alongside(this.#owned, work);
  }

  flush(): void {
    this.#parts.writer.flush(this.#owned);
  }

  written(): Promise<void> {
    return this.#parts.writer.written(this.#owned);
  }

  signals(name: string): readonly string[] {
    return this.#parts.store.signals(this.#owned.key, name);
  }

  watch(watcher: JournalWatcher): void {
    this.#watcher = watcher;
  }

  close(end: RunClose): void {
    const { watch, writer } = this.#parts;
    watch.remove(this.#owned.key);
    try {
      writer.close(this.#owned, end);
    } catch (error) {
      watch.retry(() => writer.settle(0));
      throw error;
    }
  }
}
