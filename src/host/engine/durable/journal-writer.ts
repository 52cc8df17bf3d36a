import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { withBusyTimeout } from '../../../database/busy-timeout.ts';
import { isNoRoom, storeFailure } from '../../../database/failure.ts';
import { HostError, messageOf } from '../../../errors.ts';
import type { State } from '../../state.ts';
import type { JournalRow, RunClose } from '../journal.ts';
import { BESIDE_CHARACTERS, type BesideFiles } from './beside.ts';
import { type EncodedRow, encodeRow } from './row-codec.ts';

/** A run that this host owns, as its journal is written. */
export interface OwnedRun {
  readonly key: number;
  readonly id: string;
  /** What it was when the run was taken; a higher one in the database is another host's. */
  readonly fence: number;
  /** Of the last row that was written. */
  number: number;
  /** Why nothing can be written any more. */
  failure: HostError | undefined;
  /** What could not be written when `failure` came up. */
  readonly unwritten: Unwritten[];
  onFailure(error: HostError): void;
}

/** A row, or what was to be written along with rows before it. */
type Unwritten = { readonly row: EncodedRow } | { readonly work: () => void };

type Pending =
  | { readonly run: OwnedRun; readonly row: EncodedRow; readonly onWritten?: (() => void) | undefined }
  | { readonly run: OwnedRun; readonly work: () => void }
  | { readonly run: OwnedRun; readonly close: RunClose };
type Unit = [Pending, ...Pending[]];

/**
 * Writes the journals of all runs of a host, in one transaction for whatever came together: at the end of a turn of the
 * event loop, or at once where somebody must know it written. A row is written only where the run is still ours.
 */
export class JournalWriter {
  readonly #state: State;
  readonly #beside: BesideFiles;
  readonly #insert: StatementSync;
  readonly #fence: StatementSync;
  readonly #close: StatementSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #pending: Pending[] = [];
  /** Runs that are left and could not be let go of. */
  readonly #unsettled = new Set<OwnedRun>();
  #scheduled = false;
  /** Present while somebody waits for what is pending. */
  #awaited: PromiseWithResolvers<void> | undefined;

  constructor(state: State, beside: BesideFiles) {
    const { database } = state;
    this.#state = state;
    this.#beside = beside;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#fence = database.prepare('SELECT fence FROM runs WHERE key = ?');
    this.#insert = database.prepare(
      'INSERT INTO journal (run, number, type, path, ordinal, name, body, failed, at_ms, duration_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#close = database.prepare(
      `UPDATE runs SET status = ?, reason = ?, wake_ms = ?, owner = NULL, updated_ms = ?, cancel_reason = NULL,
         signals_seen = (SELECT count(*) FROM signals WHERE run = key) WHERE key = ?`,
    );
  }

  /** Throws why nothing of this run can be written any more. */
  append(run: OwnedRun, row: JournalRow, onWritten: (() => void) | undefined): void {
    if (run.failure) throw run.failure;
    this.#take({ run, row: encodeRow(row), onWritten });
  }

  /** What another host has taken over may have cost something here all the same: it is done for any run. */
  alongside(run: OwnedRun, work: () => void): void {
    this.#take({ run, work });
  }

  #take(entry: Pending): void {
    this.#pending.push(entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#write());
  }

  /** Writes all that is pending, of every run. Throws why nothing of this one could be written. */
  flush(run: OwnedRun): void {
    this.#write();
    if (run.failure) throw run.failure;
  }

  /** Resolves when all that is pending is written, of every run in one transaction. Rejects with what `flush` throws. */
  async written(run: OwnedRun): Promise<void> {
    if (this.#pending.length > 0) {
      this.#awaited ??= Promise.withResolvers();
      await this.#awaited.promise;
    }
    if (run.failure) throw run.failure;
  }

  close(run: OwnedRun, close: RunClose): void {
    if (!run.failure) {
      this.#pending.push({ run, close });
      this.#write();
    }
    if (run.failure) {
      if (run.failure.code === 'journal-unavailable') this.#unsettled.add(run);
      throw run.failure;
    }
    run.failure = new HostError('run-ended', `Run ${run.id} is closed; nothing can be added to its journal.`);
  }

  /**
   * Writes what could not be written of runs that are left, and lets go of them. False where that could not be done, for a
   * lock that another process holds after `waitMs`. Never throws.
   */
  settle(waitMs: number): boolean {
    const close = { status: 'suspended', reason: 'journal-unavailable' } as const;
    for (const run of this.#unsettled) {
      const entries = [...run.unwritten.map((entry) => ({ run, ...entry })), { run, close }];
      const failure = withBusyTimeout(this.#state.database, waitMs, () => this.#commitAll(entries));
      if (failure !== undefined) return false;
      this.#unsettled.delete(run);
    }
    return true;
  }

  #write(): void {
    this.#scheduled = false;
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#writeAll(pending);
    this.#awaited?.resolve();
    this.#awaited = undefined;
  }

  #writeAll(pending: readonly Pending[]): void {
    const failure = this.#commitAll(pending);
    if (failure === undefined) return;
    // What there is no room for in one run stops no other, and what came before it has room perhaps.
    const oneByOne = pending.length > 1 && isNoRoom(failure);
    for (const entries of oneByOne ? unitsOf(pending) : pending.map((entry): Unit => [entry])) {
      const run = entries[0].run;
      if (!run.failure) {
        const reason = oneByOne ? this.#commitAll(entries) : failure;
        if (reason !== undefined) fail(run, unavailable(run, reason, this.#state));
      }
      if (!run.failure) continue;
      for (const entry of entries)
        if ('work' in entry) run.unwritten.push({ work: entry.work });
        else if ('row' in entry && isToBeKept(entry.row)) run.unwritten.push({ row: entry.row });
    }
  }

  /** All of it, or nothing: then what is in the way is returned. */
  #commitAll(entries: readonly Pending[]): unknown {
    const numbers = new Map<OwnedRun, number>();
    const lost = new Set<OwnedRun>();
    const { database } = this.#state;
    try {
      this.#begin.run();
      for (const entry of entries) {
        const { run } = entry;
        if (!numbers.has(run)) {
          numbers.set(run, run.number);
          if (this.#fence.get(run.key)?.['fence'] !== run.fence) lost.add(run);
        }
        if ('work' in entry) entry.work();
        else if (!lost.has(run)) this.#writeEntry(entry, numbers);
      }
      this.#commit.run();
    } catch (error) {
      rollBack(database);
      for (const [run, number] of numbers)
        for (let gone = run.number + 1; gone <= number; gone += 1) this.#beside.removeRow(run.id, gone);
      return error;
    }
    for (const run of lost) fail(run, lostRun(run));
    for (const [run, number] of numbers) if (!lost.has(run)) run.number = number;
    for (const entry of entries) if ('row' in entry && !lost.has(entry.run)) entry.onWritten?.();
    return undefined;
  }

  #writeEntry(entry: Exclude<Pending, { work: unknown }>, numbers: Map<OwnedRun, number>): void {
    const { run } = entry;
    if ('close' in entry) {
      const { status, reason = null, wakeAtMs = null } = entry.close;
      this.#close.run(status, reason, wakeAtMs, Date.now(), run.key);
      return;
    }
    const number = (numbers.get(run) ?? 0) + 1;
    numbers.set(run, number);
    const { type, path, ordinal, name, body, failed, atMs, durationMs } = entry.row;
    const isLarge = body.length > BESIDE_CHARACTERS;
    if (isLarge) this.#beside.write(run.id, number, body);
    this.#insert.run(
      run.key,
      number,
      type,
      path,
      ordinal,
      name,
      isLarge ? null : body,
      failed,
      Math.trunc(atMs),
      durationMs,
    );
  }
}

/** What may be written without the rest, in order. How a run ends is written with its end, or not at all. */
function unitsOf(pending: readonly Pending[]): readonly Unit[] {
  const units: Unit[] = [];
  const ends = new Map<OwnedRun, Unit>();
  for (const entry of pending) {
    const end = ends.get(entry.run);
    if (end) {
      end.push(entry);
      continue;
    }
    const unit: Unit = [entry];
    units.push(unit);
    if ('close' in entry || ('row' in entry && isOfEnd(entry.row))) ends.set(entry.run, unit);
  }
  return units;
}

function isOfEnd({ type, name }: EncodedRow): boolean {
  return type === 'event' && (name === 'run-end' || name === 'limit-reached');
}

/** Of a claim that could not be written the effect was not made, and how a run ends it comes to again. */
function isToBeKept(row: EncodedRow): boolean {
  return row.type !== 'claim' && !isOfEnd(row);
}

function fail(run: OwnedRun, error: HostError): void {
  if (run.failure) return;
  run.failure = error;
  run.onFailure(error);
}

function lostRun({ id }: OwnedRun): HostError {
  return new HostError(
    'run-lost',
    `Run ${id} was taken over by another host; this one has stopped working on it.`,
  );
}

function unavailable({ id }: OwnedRun, error: unknown, state: State): HostError {
  const told = messageOf(storeFailure(error, state.file));
  return new HostError(
    'journal-unavailable',
    `Run ${id} has stopped, because what it does could not be written down. ${told}`,
    { cause: error },
  );
}

function rollBack(database: DatabaseSync): void {
  // A full disk has ended the transaction already.
  if (database.isTransaction) database.exec('ROLLBACK');
}
