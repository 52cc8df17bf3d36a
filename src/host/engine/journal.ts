/** What the engine writes down of one run. Rows are appended and never changed. Types only. */
import type { JsonObject } from '../../json.ts';
import type { EventError, StoredEvent } from '../event.ts';
import type { RunRecord, RunStatus, SuspendReason } from './engine.ts';

export type JournalRow = StepRow | ClaimRow | EventRow;

/** A step is found again by its place and its name: the path of its branch and its ordinal there. */
export type StepPlace = {
  readonly path: string;
  readonly ordinal: number;
  readonly name: string;
};

/** A step that came to an end. A failed one has `error` in place of a result. */
export type StepRow = StepPlace & {
  readonly type: 'step';
  /** Wall clock, for people. */
  readonly startedAtMs: number;
  readonly durationMs: number;
} & ({ readonly result: JsonText } | { readonly error: EventError });

/** JSON text; of one that is kept beside, what reads it. */
export type JsonText = string | (() => string);

/** An effect was about to be made. Without a step at the same place behind it, what became of it is uncertain. */
export type ClaimRow = StepPlace & {
  readonly type: 'claim';
  readonly claim: JsonObject;
  readonly atMs: number;
};

/** `place` is set for events of a path (not of a step): such an event is stored once however often the path is replayed. */
export type EventRow = {
  readonly type: 'event';
  readonly event: StoredEvent;
  readonly place?: { readonly path: string; readonly ordinal: number };
};

/** The rows of one run, which this process alone may add to for as long as it owns the run. */
export interface Journal {
  readonly run: RunRecord;
  /** Those that were there when it was opened, in order. */
  rows(): Iterable<JournalRow>;
  /**
   * Takes a row, which is written at the end of this turn of the event loop at the latest, in the order of appending;
   * then `onWritten` is called. Throws HostError `run-lost` or `journal-unavailable` where an earlier write failed.
   */
  append(row: JournalRow, onWritten?: () => void): void;
  /**
   * Does this, which writes to the same store and waits for nothing, along with the rows that were taken before: after a crash
   * both are there or neither, unless the run was taken over by then. It may be done more than once where writing fails.
   */
  alongside(work: () => void): void;
  /** Writes now what was taken. Throws HostError `run-lost` where another host has the run, or `journal-unavailable`. */
  flush(): void;
  /** Resolves when what was taken is written, at the end of this turn of the event loop. Rejects with what `flush` throws. */
  written(): Promise<void>;
  /** The values that were signalled under this name, in order, as JSON text. */
  signals(name: string): readonly string[];
  /** Called from now on with what happens to the run from elsewhere. */
  watch(watcher: JournalWatcher): void;
  /** Writes what was taken and lets go of the run; throws like `flush`. Nothing can be appended any more. */
  close(end: RunClose): void;
}

export interface JournalWatcher {
  /** A signal may have come. */
  onSignal(): void;
  onCancel(reason: string): void;
  /** A write that nobody waited for failed. */
  onFailure(error: unknown): void;
}

export type RunClose = {
  readonly status: Exclude<RunStatus, 'running'>;
  readonly reason?: SuspendReason;
  /** When the first of its waits gives up, wall clock. */
  readonly wakeAtMs?: number;
};
