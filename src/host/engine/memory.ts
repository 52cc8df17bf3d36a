import { HostError } from '../../errors.ts';
import { InFlight } from '../../in-flight.ts';
import type { BudgetLimits } from '../context.ts';
import { isEnded, runEnded } from './run-status.ts';
import type { Journals, RunRecord, RunStatus, StoredRun } from './engine.ts';
import type { Journal, JournalRow, JournalWatcher, RunClose } from './journal.ts';

interface MemoryRun {
  run: RunRecord;
  readonly rows: JournalRow[];
  readonly signals: Map<string, string[]>;
  status: RunStatus;
  watcher: JournalWatcher | undefined;
}

class MemoryJournal implements Journal {
  readonly #run: MemoryRun;

  constructor(run: MemoryRun) {
    this.#run = run;
  }

  get run(): RunRecord {
    return this.#run.run;
  }

  rows(): Iterable<JournalRow> {
    return this.#run.rows.values();
  }

  append(row: JournalRow, onWritten?: () => void): void {
    this.#run.rows.push(row);
    onWritten?.();
  }

  alongside(work: () => void): void {
    work();
  }

  flush(): void {
    // A row is there as soon as it is appended.
  }

  async written(): Promise<void> {
    // As above.
  }

  signals(name: string): readonly string[] {
    return this.#run.signals.get(name) ?? [];
  }

  watch(watcher: JournalWatcher): void {
    this.#run.watcher = watcher;
  }

  close({ status }: RunClose): void {
    this.#run.status = status;
    this.#run.watcher = undefined;
  }
}

/** The journals of this process, the latest `keepRuns` of them. Nothing is written to disk. */
export class MemoryJournals implements Journals {
  readonly #keepRuns: number;
  readonly #runs = new InFlight<string, MemoryRun>();

  constructor(options: { readonly keepRuns?: number } = {}) {
    this.#keepRuns = options.keepRuns ?? 16;
  }

  create(run: RunRecord): Journal {
    return this.fork(run, []);
  }

  fork(run: RunRecord, rows: Iterable<JournalRow>): Journal {
    const kept: MemoryRun = {
      run,
      rows: [...rows],
      signals: new Map(),
      status: 'running',
      watcher: undefined,
    };
    this.#runs.set(run.id, kept);
    // A run that is dropped here and still open goes on with its own reference; it can only not be resumed later.
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= this.#keepRuns) break;
      this.#runs.delete(oldest);
    }
    return new MemoryJournal(kept);
  }

  open(runId: string, budget?: BudgetLimits): Journal {
    const kept = this.#find(runId);
    refuseEnded(kept);
    if (budget !== undefined) kept.run = { ...kept.run, budget };
    kept.status = 'running';
    return new MemoryJournal(kept);
  }

  read(runId: string): StoredRun {
    const { run, rows, status } = this.#find(runId);
    return { run, status, rows: () => rows.values() };
  }

  signal(runId: string, name: string, value: string): void {
    const kept = this.#find(runId);
    refuseEnded(kept);
    const { signals, watcher } = kept;
    const values = signals.get(name);
    if (values) values.push(value);
    else signals.set(name, [value]);
    watcher?.onSignal();
  }

  requestCancel(runId: string, reason: string): boolean {
    const kept = this.#find(runId);
    refuseEnded(kept);
    const { watcher } = kept;
    watcher?.onCancel(reason);
    return watcher !== undefined;
  }

  #find(runId: string): MemoryRun {
    const kept = this.#runs.get(runId);
    if (kept) return kept;
    const known = [...this.#runs.keys()].join(', ') || 'none';
    throw new HostError('unknown-run', `There is no run ${runId}. Known: ${known}.`);
  }
}

function refuseEnded({ run, status }: MemoryRun): void {
  if (isEnded(status)) throw runEnded(run.id, status);
}
