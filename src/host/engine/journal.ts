/** What the engine writes down. Rows are appended and never changed. */
import { HostError } from '../../errors.ts';
import type { EventError, StoredEvent } from '../event.ts';

export type JournalRow = StepRow | SignalRow | EventRow;

/** A finished step. `result` is JSON text; a failed step has `error` in its place. */
export type StepRow = {
  readonly type: 'step';
  readonly path: string;
  readonly ordinal: number;
  readonly name: string;
} & ({ readonly result: string } | { readonly error: EventError });

type SignalRow = { readonly type: 'signal'; readonly name: string; readonly value: string };

/** `place` is set for events of a path (not of a step): such an event is stored once however often the path is replayed. */
type EventRow = {
  readonly type: 'event';
  readonly event: StoredEvent;
  readonly place?: { readonly path: string; readonly ordinal: number };
};

/** The rows of one run. Appending is finished when `append` returns; it throws where the row could not be kept. */
export interface Journal {
  readonly runId: string;
  append(row: JournalRow): void;
  rows(): Iterable<JournalRow>;
}

/**
 * The steps and events of one run by their place, for finding them again. It is built once from the rows and kept up
 * with every append, so that a look-up never reads the journal.
 */
export class JournalIndex {
  readonly #journal: Journal;
  readonly #steps = new Map<string, StepRow>();
  readonly #eventsOnPath = new Map<string, number>();
  readonly #signals = new Map<string, string[]>();
  readonly #events: StoredEvent[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const row of journal.rows()) this.#remember(row);
  }

  get events(): readonly StoredEvent[] {
    return this.#events;
  }

  append(row: JournalRow): void {
    this.#journal.append(row);
    this.#remember(row);
  }

  /** Throws `journal-mismatch` when another step stands at this place. */
  step(path: string, ordinal: number, name: string): StepRow | undefined {
    const row = this.#steps.get(placeKey(path, ordinal));
    if (row !== undefined && row.name !== name) {
      throw new HostError(
        'journal-mismatch',
        `The workflow no longer matches its journal: at step ${ordinal} of path "${path}" the journal holds "${row.name}" and the workflow asks for "${name}". Run it with the code that it was started with, or start it anew.`,
        { data: { path, ordinal, journaled: row.name, asked: name } },
      );
    }
    return row;
  }

  hasEvent(path: string, ordinal: number): boolean {
    return ordinal < (this.#eventsOnPath.get(path) ?? 0);
  }

  /** The values that were signalled under this name, in order, as JSON text. */
  signals(name: string): readonly string[] {
    return this.#signals.get(name) ?? [];
  }

  #remember(row: JournalRow): void {
    switch (row.type) {
      case 'step':
        this.#steps.set(placeKey(row.path, row.ordinal), row);
        return;
      case 'signal': {
        const values = this.#signals.get(row.name);
        if (values) values.push(row.value);
        else this.#signals.set(row.name, [row.value]);
        return;
      }
      case 'event':
        this.#events.push(row.event);
        if (row.place) this.#eventsOnPath.set(row.place.path, row.place.ordinal + 1);
        return;
      default:
        row satisfies never;
    }
  }
}

function placeKey(path: string, ordinal: number): string {
  return `${path}\n${ordinal}`;
}
