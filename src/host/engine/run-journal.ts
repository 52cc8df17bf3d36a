import { setImmediate } from 'node:timers/promises';

import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { BudgetLimits } from '../context.ts';
import type { RunOutcomeType, StoredEvent, StoredEventInput } from '../event.ts';
import type { EventStream } from './event-stream.ts';
import type { ClaimRow, EventRow, Journal, JsonText, StepPlace, StepRow } from './journal.ts';
import { timeLimitPath } from './part-deadline.ts';

/**
 * A run's journal as its contexts use it: what was there by its place, and what is added, whose events go to readers as
 * soon as they are written.
 */
export class RunJournal {
  readonly #journal: Journal;
  readonly #stream: EventStream;
  /** By path, at the ordinal. */
  readonly #steps = new Map<string, StepRow[]>();
  /** Of steps that came to no end, by path and ordinal. */
  readonly #claims = new Map<string, ClaimRow[]>();
  readonly #eventsOnPath = new Map<string, number>();
  /** How the branches ended of which the end is the last that they told. */
  readonly #ends = new Map<string, RunOutcomeType>();
  /** By path: what parts are limited to in place of their own limits, since the run was gone on with. */
  readonly #raised = new Map<string, BudgetLimits>();
  /** How often each step that came to no end was begun, by its id, as far as its events tell. */
  readonly #attempts = new Map<string, number>();
  /** Steps that the workflow has not come to again. */
  #stepsAhead = 0;
  #lastNumber = 0;
  /** Of the last event that is written, and so was given to readers. */
  #lastShown = 0;
  #lastEvent: StoredEvent | undefined;

  constructor(journal: Journal, stream: EventStream) {
    this.#journal = journal;
    this.#stream = stream;
    for (const row of journal.rows()) {
      switch (row.type) {
        case 'step':
          this.#rememberStep(row);
          break;
        case 'claim':
          this.#rememberClaim(row);
          break;
        case 'event':
          this.#rememberEvent(row);
          break;
        default:
          row satisfies never;
      }
    }
  }

  get raised(): ReadonlyMap<string, BudgetLimits> {
    return this.#raised;
  }

  get lastEvent(): StoredEvent | undefined {
    return this.#lastEvent;
  }

  /** Throws `journal-mismatch` when another step stands at this place. */
  step(path: string, ordinal: number, name: string): StepRow | undefined {
    const row = this.#steps.get(path)?.[ordinal];
    if (row !== undefined && row.name !== name) {
      throw new HostError(
        'journal-mismatch',
        `The workflow no longer matches its journal: at step ${ordinal} of path "${path}" the journal holds "${row.name}" and the workflow asks for "${name}". Run it with the code that it was started with, or fork it from the step before.`,
        { data: { path, ordinal, journaled: row.name, asked: name } },
      );
    }
    if (row !== undefined) this.#stepsAhead -= 1;
    return row;
  }

  hasStep(path: string, ordinal: number): boolean {
    return this.#steps.get(path)?.[ordinal] !== undefined;
  }

  /** Resolves when the workflow has come to all of its journaled steps again, or to no more of them. */
  async takenUp(): Promise<void> {
    for (let ahead = -1; this.#stepsAhead > 0 && ahead !== this.#stepsAhead; ) {
      ahead = this.#stepsAhead;
      await setImmediate();
    }
  }

  /** Claims of earlier executions of a step that came to no end, oldest first. */
  claims(path: string, ordinal: number): readonly JsonObject[] {
    if (this.#claims.size === 0) return NO_CLAIMS;
    return this.#claims.get(`${path}\n${ordinal}`)?.map(({ claim }) => claim) ?? NO_CLAIMS;
  }

  /** How often the step was begun before, as far as is known. */
  attempts(stepId: string): number {
    return this.#attempts.size === 0 ? 0 : (this.#attempts.get(stepId) ?? 0);
  }

  hasEvent(path: string, ordinal: number): boolean {
    return ordinal < (this.#eventsOnPath.get(path) ?? 0);
  }

  /**
   * Takes back that parts reached their limits, and with it what was made of that around them: the run has been gone on with
   * under others. What the parts did before stays.
   */
  raise(parts: { readonly [path: string]: BudgetLimits }): void {
    for (const [path, limits] of Object.entries(parts)) {
      this.#raised.set(path, { ...this.#raised.get(path), ...limits });
      this.#takeBackSteps(path);
      this.#takeBackEnd(path);
      for (let around = path; around !== ''; ) {
        around = around.slice(0, Math.max(0, around.lastIndexOf('/')));
        this.#takeBackEnd(around);
        if (this.#steps.get(around)?.at(-1)?.name !== SETTLED) continue;
        this.#takeBackLast(around);
        // Those beside it had been stopped for its sake.
        for (const [other, outcome] of this.#ends)
          if (outcome === 'cancelled' && isBelow(other, around)) this.#takeBackEnd(other);
      }
    }
  }

  /** That the time was up, and what was broken off by it. */
  #takeBackSteps(part: string): void {
    this.#steps.delete(timeLimitPath(part));
    for (const [path, steps] of this.#steps)
      if (isBelow(path, part) && brokenOffBy(steps.at(-1)) === part) this.#takeBackLast(path);
  }

  #takeBackLast(path: string): void {
    this.#steps.get(path)?.pop();
    this.#stepsAhead -= 1;
  }

  #takeBackEnd(path: string): void {
    if (!this.#ends.delete(path)) return;
    this.#eventsOnPath.set(path, (this.#eventsOnPath.get(path) ?? 1) - 1);
  }

  appendStep(row: StepRow): void {
    this.#journal.append(row);
  }

  /** Written when this returns. */
  claim(place: StepPlace, claim: JsonObject): void {
    const { path, ordinal, name } = place;
    this.#journal.append({ type: 'claim', path, ordinal, name, claim, atMs: Date.now() });
    this.#journal.flush();
  }

  /** Returns its number. */
  appendEvent(event: StoredEventInput, about: EventAbout): number {
    this.#lastNumber += 1;
    const { runId, path, place } = about;
    const stored = { ...event, runId, path, at: Date.now(), number: this.#lastNumber };
    this.#lastEvent = stored;
    this.#journal.append(
      place === undefined ? { type: 'event', event: stored } : { type: 'event', event: stored, place },
      () => {
        this.#lastShown = stored.number;
        this.#stream.pushStored(stored);
      },
    );
    return stored.number;
  }

  /** Readers have been given the events up to this one, or all of them, when this returns. Throws like `claim`. */
  show(number = this.#lastNumber): void {
    if (this.#lastShown < number) this.#journal.flush();
  }

  written(): Promise<void> {
    return this.#journal.written();
  }

  signals(name: string): readonly string[] {
    return this.#journal.signals(name);
  }

  #rememberStep(row: StepRow): void {
    this.#stepsAhead += 1;
    const steps = this.#steps.get(row.path);
    if (steps) steps[row.ordinal] = row;
    else {
      const first: StepRow[] = [];
      first[row.ordinal] = row;
      this.#steps.set(row.path, first);
    }
    // What was broken off may be worked again, and then it must be known what was sent.
    if (brokenOffBy(row) === undefined) this.#claims.delete(`${row.path}\n${row.ordinal}`);
    this.#attempts.delete(stepIdOf(row));
  }

  #rememberClaim(row: ClaimRow): void {
    const key = `${row.path}\n${row.ordinal}`;
    const claims = this.#claims.get(key);
    if (claims) claims.push(row);
    else this.#claims.set(key, [row]);
  }

  #rememberEvent({ event, place }: EventRow): void {
    this.#lastNumber = event.number;
    this.#lastShown = event.number;
    this.#lastEvent = event;
    if (place) {
      this.#eventsOnPath.set(place.path, place.ordinal + 1);
      if (event.type === 'branch-end') this.#ends.set(place.path, event.outcome);
      else this.#ends.delete(place.path);
    }
    if (event.type === 'run-resume' && event.parts !== undefined) this.raise(event.parts);
    if (event.type === 'step-restart') this.#attempts.set(event.step, event.attempt);
    else if ('step' in event && event.step !== undefined && !this.#attempts.has(event.step))
      this.#attempts.set(event.step, 1);
    this.#stream.pushStored(event);
  }
}

export interface EventAbout {
  readonly runId: string;
  readonly path: string;
  readonly place?: { readonly path: string; readonly ordinal: number };
}

/** What decides which parts side by side counted (workflow/pattern/settle.ts). */
export const SETTLED = 'settled';

/** The part whose time was up. */
function brokenOffBy(row: StepRow | undefined): string | undefined {
  if (row === undefined || !('error' in row) || row.error.code !== 'limit-reached') return undefined;
  return (row.error.data as { readonly branch?: string } | undefined)?.branch;
}

function isBelow(path: string, around: string): boolean {
  return around === '' || path === around || path.startsWith(`${around}/`);
}

const NO_CLAIMS: readonly JsonObject[] = [];

export function stepIdOf({ path, ordinal, name }: StepPlace): string {
  return `${path}#${ordinal}:${name}`;
}

export function readText(text: JsonText): string {
  return typeof text === 'string' ? text : text();
}
