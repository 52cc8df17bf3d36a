import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { storeFailure } from '../../../database/failure.ts';
import { HostError, messageOf } from '../../../errors.ts';
import type { State } from '../../state.ts';
import type { JournalRow, RunClose } from '../journal.ts';
import { BESIDE_CHARACTERS, type BesideFiles } from './beside.ts';
import { encodeRow } from './row-codec.ts';

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
  onFailure(error: HostError): void;
}

type Pending =
  | { readonly run: OwnedRun; readonly row: JournalRow; readonly onWritten: (() => void) | undefined }
  | { readonly run: OwnedRun; readonly close: RunClose };

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
  #scheduled = false;

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
    this.#pending.push({ run, row, onWritten });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#write());
  }

  /** Writes all that is pending, of every run. Throws why nothing of this one could be written. */
  flush(run: OwnedRun): void {
    this.#write();
    if (run.failure) throw run.failure;
  }

  close(run: OwnedRun, close: RunClose): void {
    if (run.failure) throw run.failure;
    this.#pending.push({ run, close });
    this.flush(run);
    run.failure = new HostError('run-ended', `Run ${run.id} is closed; nothing can be added to its journal.`);
  }

  #write(): void {
    this.#scheduled = false;
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    const numbers = new Map<OwnedRun, number>();
    const lost = new Set<OwnedRun>();
    const { database } = this.#state;
    try {
      this.#begin.run();
      for (const entry of pending) {
        const { run } = entry;
        if (!numbers.has(run)) {
          numbers.set(run, run.number);
          if (this.#fence.get(run.key)?.['fence'] !== run.fence) lost.add(run);
        }
        if (!lost.has(run)) this.#writeEntry(entry, numbers);
      }
      this.#commit.run();
    } catch (error) {
      rollBack(database);
      // The rows are gone from memory as well: whoever resumes a run finds what was written, and works on from there.
      for (const run of numbers.keys()) fail(run, unavailable(run, error, this.#state));
      for (const { run } of pending) fail(run, unavailable(run, error, this.#state));
      return;
    }
    for (const run of lost) fail(run, lostRun(run));
    for (const [run, number] of numbers) if (!lost.has(run)) run.number = number;
    for (const entry of pending) if ('row' in entry && !lost.has(entry.run)) entry.onWritten?.();
  }

  #writeEntry(entry: Pending, numbers: Map<OwnedRun, number>): void {
    const { run } = entry;
    if ('close' in entry) {
      const { status, reason = null, wakeAtMs = null } = entry.close;
      this.#close.run(status, reason, wakeAtMs, Date.now(), run.key);
      return;
    }
    const number = (numbers.get(run) ?? 0) + 1;
    numbers.set(run, number);
    const { type, path, ordinal, name, body, failed, atMs, durationMs } = encodeRow(entry.row);
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
