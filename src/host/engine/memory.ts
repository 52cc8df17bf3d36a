import { HostError } from '../../errors.ts';
import type { Journals } from './engine.ts';
import type { Journal, JournalRow } from './journal.ts';

/** A journal that lives as long as the process. Given rows of an earlier run it replays them. */
export class MemoryJournal implements Journal {
  readonly runId: string;
  readonly #rows: JournalRow[];

  constructor(runId: string, rows: Iterable<JournalRow> = []) {
    this.runId = runId;
    this.#rows = [...rows];
  }

  append(row: JournalRow): void {
    this.#rows.push(row);
  }

  rows(): Iterable<JournalRow> {
    return this.#rows.values();
  }
}

/** The journals of this process, the latest `keepRuns` of them. Nothing is written to disk. */
export class MemoryJournals implements Journals {
  readonly #keepRuns: number;
  readonly #journals = new Map<string, MemoryJournal>();

  constructor(options: { readonly keepRuns?: number } = {}) {
    this.#keepRuns = options.keepRuns ?? 16;
  }

  create(runId: string): MemoryJournal {
    const journal = new MemoryJournal(runId);
    this.#journals.set(runId, journal);
    // A run that is dropped here and still open goes on with its own reference; it can only not be resumed later.
    for (const oldest of this.#journals.keys()) {
      if (this.#journals.size <= this.#keepRuns) break;
      this.#journals.delete(oldest);
    }
    return journal;
  }

  open(runId: string): MemoryJournal {
    const journal = this.#journals.get(runId);
    if (!journal)
      throw new HostError(
        'unknown-run',
        `There is no run ${runId}. Known: ${[...this.#journals.keys()].join(', ') || 'none'}.`,
      );
    return journal;
  }
}
