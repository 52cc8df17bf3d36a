import { BUSY_TIMEOUT_MS } from '../../../database/busy-timeout.ts';
import type { State } from '../../state.ts';
import { HostError } from '../../../errors.ts';
import type { BudgetLimits } from '../../context.ts';
import type { Journals, RunRecord, StoredRun } from '../engine.ts';
import type { Journal, JournalRow } from '../journal.ts';
import { isEnded, runEnded } from '../run-status.ts';
import { Ledger } from '../spending/ledger.ts';
import { DurableJournal } from './durable-journal.ts';
import { HostPresence, type Peer } from './host-presence.ts';
import { insertRun, type RunPlace } from './insert-run.ts';
import { JournalWriter } from './journal-writer.ts';
import { resumeCommand } from './resume-command.ts';
import type { RunRow } from './run-rows.ts';
import { RunStore } from './run-store.ts';
import { RunWatch } from './run-watch.ts';

export interface DurableJournalsOptions extends RunPlace {
  /** Opened at the first run. */
  readonly state: () => Promise<State>;
  readonly homeFolder: string;
  /** How long a heartbeat must stand still before the runs of a host that is not dead are taken over. */
  readonly leaseMs?: number;
}

const LEASE_MS = 10_000;
const LOOK_INTERVAL_MS = 50;

interface Opened {
  readonly state: State;
  readonly store: RunStore;
  readonly presence: HostPresence;
  readonly writer: JournalWriter;
  readonly watch: RunWatch;
  readonly ledger: Ledger;
}

/** Journals in `state.db`, which many hosts share: each run has one owner at a time. */
export class DurableJournals implements Journals, Disposable {
  readonly #options: DurableJournalsOptions;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;

  constructor(options: DurableJournalsOptions) {
    this.#options = options;
  }

  create(run: RunRecord): Promise<Journal> {
    return this.fork(run, []);
  }

  async fork(run: RunRecord, rows: Iterable<JournalRow>): Promise<Journal> {
    const opened = await this.#open();
    const kept = [...rows];
    const key = opened.state.use(() => insertRun(opened.state, run, this.#options, opened.presence.id));
    if (key === undefined)
      throw new HostError('run-owned', `Run ${run.id} was begun by another process at the same moment.`);
    const journal = new DurableJournal(run, { key, fence: 1, lastNumber: 0 }, opened);
    for (const row of kept) journal.append(row);
    journal.flush();
    return journal;
  }

  async open(runId: string, budget?: BudgetLimits): Promise<Journal> {
    const opened = await this.#open();
    opened.writer.settle(BUSY_TIMEOUT_MS);
    const row = await this.#takeable(opened, runId);
    const { key, run } = row;
    const fence = row.fence + 1;
    const { changes } = opened.state.use(() =>
      opened.state.database
        .prepare(
          `UPDATE runs SET owner = ?, fence = ?, status = 'running', reason = NULL, updated_ms = ?,
             budget = coalesce(?, budget)
           WHERE key = ? AND fence = ? AND status NOT IN ('done', 'failed', 'cancelled')`,
        )
        .run(
          opened.presence.id,
          fence,
          Date.now(),
          budget === undefined ? null : JSON.stringify(budget),
          key,
          row.fence,
        ),
    );
    // Somebody was quicker; what it is now is told by trying again.
    if (Number(changes) === 0) return this.open(runId, budget);
    return new DurableJournal(run, { key, fence, lastNumber: opened.store.lastNumber(key) }, opened);
  }

  async read(runId: string): Promise<StoredRun> {
    return (await this.#open()).store.read(runId);
  }

  async signal(runId: string, name: string, value: string): Promise<void> {
    (await this.#open()).store.signal(runId, name, value);
  }

  async requestCancel(runId: string, reason: string): Promise<boolean> {
    const opened = await this.#open();
    const { key, run, status, owner } = opened.store.get(runId);
    if (isEnded(status)) throw runEnded(run.id, status);
    if (owner === undefined || owner === opened.presence.id) return false;
    const peer = await this.#lookAt(opened, run.id, owner);
    if (peer === undefined) return this.requestCancel(runId, reason);
    if (peer.state === 'dead') return false;
    opened.store.requestCancel(key, reason);
    return true;
  }

  /** Runs that a host of this config and folder may go on with, because nobody does. Looks once, without waiting. */
  async orphans(): Promise<readonly string[]> {
    const opened = await this.#open();
    const { configFile, project } = this.#options;
    return opened.store
      .adoptable(configFile, project)
      .filter(({ key, owner }) => {
        if (owner === undefined) return true;
        if (owner === opened.presence.id) return !opened.watch.has(key);
        return opened.presence.look(owner).state === 'dead';
      })
      .map(({ run }) => run.id);
  }

  /** What runs spend together, those of other hosts included. */
  async ledger(): Promise<Ledger> {
    return (await this.#open()).ledger;
  }

  [Symbol.dispose](): void {
    if (!this.#opened?.state.database.isOpen) return;
    this.#opened.watch[Symbol.dispose]();
    this.#opened.writer.settle(0);
    this.#opened.presence[Symbol.dispose]();
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#openState().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #openState(): Promise<Opened> {
    const { homeFolder, leaseMs = LEASE_MS } = this.#options;
    const state = await this.#options.state();
    const store = new RunStore(state, homeFolder);
    const presence = new HostPresence(state, homeFolder, leaseMs);
    presence.sweep();
    const writer = new JournalWriter(state, store.beside);
    const watch = new RunWatch(state, presence, leaseMs);
    const ledger = new Ledger({ state, homeFolder, hostId: presence.id });
    this.#opened = { state, store, presence, writer, watch, ledger };
    return this.#opened;
  }

  /** Its row, where this host may take it. */
  async #takeable(opened: Opened, runId: string): Promise<RunRow> {
    const row = opened.store.get(runId);
    const { run, status, owner, configFile, project } = row;
    if (isEnded(status)) throw runEnded(run.id, status);
    if (configFile !== this.#options.configFile || project !== this.#options.project) {
      throw new HostError(
        'run-elsewhere',
        `Run ${run.id} belongs to the folder ${project} and to ${configFile ?? 'the config that the program has without one'}. Go on with it there: ${resumeCommand(row, this.#options.project)}`,
        { data: { project, configFile: configFile ?? null } },
      );
    }
    if (owner === undefined || owner === opened.presence.id) return row;
    const peer = await this.#lookAt(opened, run.id, owner);
    if (peer === undefined) return this.#takeable(opened, runId);
    if (peer.state === 'dead') return opened.store.get(runId);
    throw new HostError('run-owned', `Run ${run.id} is being worked on by process ${peer.pid}.`, {
      data: { pid: peer.pid ?? null },
    });
  }

  /**
   * Waits until it is known whether the owner of a run lives; for a whole lease where it stands still. Undefined where it
   * has the run no more: then its heart need not beat.
   */
  async #lookAt({ presence, store }: Opened, runId: string, owner: string): Promise<Peer | undefined> {
    for (;;) {
      const peer = presence.look(owner);
      if (peer.state !== 'unknown') return peer;
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
      const now = store.get(runId);
      if (now.owner !== owner || isEnded(now.status)) return undefined;
    }
  }
}
