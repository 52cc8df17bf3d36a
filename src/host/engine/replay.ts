import { HostError, toHostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { RunEvent, StoredEvent } from '../event.ts';
import type { ReplayOutcome, StoredRun } from './engine.ts';
import type { StepRow } from './journal.ts';
import { timeLimitPath } from './part-deadline.ts';
import type { RunJournal } from './run-journal.ts';

type Difference = Extract<ReplayOutcome, { type: 'different' }>;

/** Compares what a workflow asks for with what its journal holds. The first difference ends the replay. */
export class Replay {
  readonly #journal: RunJournal;
  readonly #events = new Map<string, StoredEvent[]>();
  /** Steps that the workflow did not ask for yet. */
  readonly #left = new Map<string, StepRow>();
  /** Whether the run came to the end of its workflow, so that its journal holds all of it. */
  readonly #complete: boolean;
  readonly #end: Extract<StoredEvent, { type: 'run-end' }> | undefined;
  #steps = 0;
  #difference: Difference | undefined;

  constructor({ rows, status }: StoredRun, journal: RunJournal) {
    this.#journal = journal;
    let timedOut = false;
    for (const row of rows()) {
      if (row.type === 'step') this.#left.set(keyOf(row.path, row.ordinal), row);
      if (row.type !== 'event') continue;
      // What time or other runs decided is decided by no journal.
      if (row.event.type === 'limit-reached')
        timedOut = row.event.scope !== undefined || (row.event.limit === 'time' && !row.event.branch);
      if (row.event.type === 'run-resume') {
        timedOut = false;
        for (const path of Object.keys(row.event.parts ?? {}))
          this.#left.delete(keyOf(timeLimitPath(path), 0));
      }
      if (row.place) this.#eventsOf(row.place.path)[row.place.ordinal] = row.event;
    }
    const last = journal.lastEvent;
    this.#end = last?.type === 'run-end' ? last : undefined;
    this.#complete = ['done', 'failed', 'stopped'].includes(status) && !timedOut;
  }

  step(path: string, ordinal: number, name: string): StepRow {
    const place = { path, ordinal, kind: 'step' } as const;
    let row: StepRow | undefined;
    try {
      row = this.#journal.step(path, ordinal, name);
    } catch (error) {
      const { journaled } = toHostError(error).data as { readonly journaled: string };
      throw this.#differ({ ...place, journaled, now: name });
    }
    if (row === undefined) throw this.#complete ? this.#differ({ ...place, now: name }) : ended();
    this.#left.delete(keyOf(path, ordinal));
    this.#steps += 1;
    return row;
  }

  event(path: string, ordinal: number, event: JsonObject): void {
    const stored = this.#events.get(path)?.[ordinal];
    const place = { path, ordinal, kind: 'event' } as const;
    const now = JSON.stringify(event);
    if (stored === undefined) {
      if (this.#complete) throw this.#differ({ ...place, now });
      return;
    }
    const journaled = JSON.stringify(withoutPlace(stored));
    if (journaled !== now) throw this.#differ({ ...place, journaled, now });
  }

  /** What came of it, when the workflow has ended in this way. */
  outcome(end: JsonObject): ReplayOutcome {
    if (this.#difference) return this.#difference;
    if (!this.#complete) return { type: 'identical', steps: this.#steps, complete: false };
    const [left] = this.#left.values();
    if (left) {
      const { path, ordinal, name } = left;
      return { type: 'different', path, ordinal, kind: 'step', journaled: name };
    }
    const journaled = JSON.stringify(this.#end && outcomeOf(this.#end));
    const now = JSON.stringify(end);
    if (journaled !== now)
      return { type: 'different', path: '', ordinal: this.#steps, kind: 'outcome', journaled, now };
    return { type: 'identical', steps: this.#steps, complete: true };
  }

  #differ(difference: Omit<Difference, 'type'>): HostError {
    this.#difference ??= { type: 'different', ...difference };
    return new HostError('replay-different', 'The workflow does something else than its journal says.');
  }

  #eventsOf(path: string): StoredEvent[] {
    const events = this.#events.get(path) ?? [];
    this.#events.set(path, events);
    return events;
  }
}

function ended(): HostError {
  return new HostError('replay-ended', 'The journal ends here.');
}

function keyOf(path: string, ordinal: number): string {
  return `${path}\n${ordinal}`;
}

function withoutPlace(event: RunEvent): JsonObject {
  const { runId: _run, path: _path, at: _at, ...rest } = event;
  const { number: _number, ...input } = rest as JsonObject;
  return input;
}

/** Of `run-end`, what a workflow decides. */
function outcomeOf({
  outcome,
  output,
  error,
  achieved,
}: Extract<StoredEvent, { type: 'run-end' }>): JsonObject {
  return JSON.parse(JSON.stringify({ outcome, output, error, achieved })) as JsonObject;
}
