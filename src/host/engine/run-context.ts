import { HostError, toHostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type {
  Budget,
  BranchOptions,
  BudgetReservation,
  BudgetWanted,
  Embed,
  ModelHandle,
  RunContext,
  RunInfo,
  StepContext,
  ToolHandle,
} from '../context.ts';
import type { StoredEventInput } from '../event.ts';
import type { RunBudget } from './budget.ts';
import { abortPromise, anyOf, type Around, OUTERMOST, requireDepth, stoppedBy } from './around.ts';
import type { EventStream } from './event-stream.ts';
import type { StepPlace } from './journal.ts';
import { OpenStep } from './open-step.ts';
import type { OpenSteps } from './open-steps.ts';
import { fromEventError, outcomeOfFailure, toEventError } from './outcome.ts';
import { openPartDeadline, type PartDeadline } from './part-deadline.ts';
import type { Replay } from './replay.ts';
import { resultText } from './result-text.ts';
import { readText, type RunJournal, stepIdOf } from './run-journal.ts';
import { openDeadline, waitUntil } from './wait-until.ts';

/** What all contexts of one run share. */
export interface RunShared {
  readonly run: RunInfo;
  readonly signal: AbortSignal;
  readonly journal: RunJournal;
  readonly stream: EventStream;
  readonly open: OpenSteps;
  readonly model: (context: RunContext, alias: string, candidates?: readonly string[]) => ModelHandle;
  readonly tools: ToolHandle;
  readonly embed: Embed | undefined;
  /** Takes secrets out of events and errors before they are stored. */
  readonly redact: <Value extends JsonObject>(value: Value) => Value;
  /** Resolves at the next signal of this run. */
  readonly nextSignal: () => Promise<void>;
  /** Ends the run for this reason, whatever its workflow does. */
  readonly abandon: (reason: HostError) => void;
  /** Present where the run is compared with its journal: then nothing is done, and nothing is written. */
  readonly replay?: Replay;
}

/** One path of a run: steps and events in the order in which the workflow asks for them. */
export class PathContext implements RunContext {
  readonly #shared: RunShared;
  readonly #path: string;
  readonly #budget: RunBudget;
  readonly #around: Around;
  readonly #deadline: PartDeadline | undefined;
  readonly #branches = new Set<string>();
  readonly #signalsTaken = new Map<string, number>();
  #stepOrdinal = 0;
  #eventOrdinal = 0;
  #openStep: string | undefined;

  constructor(
    shared: RunShared,
    path: string,
    budget: RunBudget,
    around: Around & { readonly deadline?: PartDeadline | undefined } = OUTERMOST,
  ) {
    this.#shared = shared;
    this.#path = path;
    this.#budget = budget;
    this.#around = around;
    this.#deadline = around.deadline;
  }

  get path(): string {
    return this.#path;
  }

  get isJournaled(): boolean {
    const { journal } = this.#shared;
    return journal.hasStep(this.#path, this.#stepOrdinal) || journal.hasEvent(this.#path, this.#eventOrdinal);
  }

  get run(): RunInfo {
    return this.#shared.run;
  }

  get budget(): Budget {
    return this.#budget;
  }

  get signal(): AbortSignal {
    return this.#shared.signal;
  }

  get tools(): ToolHandle {
    return this.#shared.tools;
  }

  model(alias: string, candidates?: readonly string[]): ModelHandle {
    return this.#shared.model(this, alias, candidates);
  }

  branch(name: string, { budget, stop, nested = false }: BranchOptions = {}): RunContext {
    if (this.#branches.has(name)) {
      throw new HostError(
        'branch-exists',
        `Path "${this.#path}" has a branch "${name}" already; each needs a name of its own.`,
      );
    }
    const path = this.#pathOf(name);
    const depth = this.#around.depth + (nested ? 1 : 0);
    const spending = budget === undefined ? this.#budget : this.#budget.within(path, budget);
    if (nested) requireDepth(depth, spending.limits, path);
    this.#branches.add(name);
    const { timeoutMs } = budget === undefined ? {} : spending.own;
    const deadline = timeoutMs === undefined ? undefined : openPartDeadline(path, timeoutMs, this.#shared);
    return new PathContext(this.#shared, path, spending, {
      depth,
      stop: anyOf(this.#around.stop, stop),
      timeUp: anyOf(this.#around.timeUp, deadline?.signal),
      deadline,
    });
  }

  async reserve(wanted: BudgetWanted): Promise<BudgetReservation> {
    const { replay, journal } = this.#shared;
    if (this.isJournaled) return this.#budget.count(wanted);
    this.#throwIfStopped(this.#stepOrdinal);
    if (replay) {
      this.#budget.refuse(wanted);
      return this.#budget.count(wanted);
    }
    // What branches beside this one have spent already counts before anything is spent anew.
    await journal.takenUp();
    this.#throwIfAborted();
    this.#throwIfStopped(this.#stepOrdinal);
    const { stop, timeUp } = this.#around;
    return this.#budget.reserve(wanted, () => anyOf(this.signal, stop, timeUp) ?? this.signal);
  }

  emit(event: StoredEventInput): void {
    const { replay, journal } = this.#shared;
    const ordinal = this.#eventOrdinal++;
    if (event.type === 'branch-end') this.#deadline?.end();
    if (this.#shared.open.wasCut) return;
    if (replay) replay.event(this.#path, ordinal, this.#shared.redact(event));
    else if (!journal.hasEvent(this.#path, ordinal)) this.#store(event, ordinal);
  }

  async step<T extends Json>(name: string, work: (step: StepContext) => Promise<T>): Promise<T> {
    if (this.#openStep !== undefined) {
      throw new HostError(
        'step-open',
        `Step "${name}" was started on path "${this.#path}" while "${this.#openStep}" is open there. Await it first, or use a branch for work side by side.`,
      );
    }
    const ordinal = this.#stepOrdinal++;
    const { replay, journal } = this.#shared;
    if (stoppedBy(this.#around) && !journal.hasStep(this.#path, ordinal)) this.#throwIfStopped(ordinal);
    try {
      const row = replay ? replay.step(this.#path, ordinal, name) : journal.step(this.#path, ordinal, name);
      if (row) {
        if ('error' in row) throw fromEventError(row.error);
        return JSON.parse(readText(row.result)) as T;
      }
    } catch (thrown) {
      // A workflow that takes it for a failure of its step would go on with effects on a way that it never went before.
      if (thrown instanceof HostError && thrown.code === 'journal-mismatch') this.#shared.abandon(thrown);
      throw thrown;
    }
    return this.#work({ path: this.#path, ordinal, name }, work);
  }

  async #work<T extends Json>(place: StepPlace, work: (step: StepContext) => Promise<T>): Promise<T> {
    const { journal, open, stream } = this.#shared;
    // A run that is being left stands still here until the steps beside it have ended.
    if (open.isLeaving) await abortPromise(this.signal);
    this.#throwIfAborted();
    open.enter();
    this.#openStep = place.name;
    const id = stepIdOf(place);
    const startedAtMs = Date.now();
    const started = performance.now();
    try {
      const result = resultText(await work(this.#openStepAt(place)), id);
      const durationMs = performance.now() - started;
      journal.appendStep({ type: 'step', ...place, startedAtMs, durationMs, result });
      return JSON.parse(result) as T;
    } catch (thrown) {
      // A cancelled run's open step has no outcome of its own, and a row that could not be kept is not a step's failure.
      this.#throwIfAborted();
      const error = toHostError(this.#around.timeUp?.aborted ? this.#around.timeUp.reason : thrown);
      if (error.code === 'journal-unavailable' || error.code === 'run-lost') throw error;
      const durationMs = performance.now() - started;
      const journaled = this.#shared.redact(toEventError(error));
      journal.appendStep({ type: 'step', ...place, startedAtMs, durationMs, error: journaled });
      throw error;
    } finally {
      this.#openStep = undefined;
      stream.forgetDeltas(id);
      open.leave();
    }
  }

  now(): Promise<number> {
    return this.step('now', async () => Date.now());
  }

  random(): Promise<number> {
    return this.step('random', async () => Math.random());
  }

  async sleep(ms: number): Promise<void> {
    const until = await this.step('sleep-until', async () => Date.now() + ms);
    if (this.#shared.replay) return;
    await waitUntil(until, ms, this.#workSignal);
    this.#throwIfAborted();
    this.#around.timeUp?.throwIfAborted();
  }

  async waitFor<T extends Json>(signal: string, options: { readonly timeoutMs?: number } = {}): Promise<T> {
    const { timeoutMs } = options;
    const taken = this.#signalsTaken.get(signal) ?? 0;
    this.#signalsTaken.set(signal, taken + 1);
    // In a step of its own, so that a resumed run does not wait anew.
    const untilMs =
      timeoutMs === undefined
        ? undefined
        : await this.step(`wait-until:${signal}`, async () => Date.now() + timeoutMs);
    return this.step<T>(`wait:${signal}`, async (step) => {
      using _ = this.#shared.open.wait(untilMs);
      using deadline = untilMs === undefined ? undefined : openDeadline(untilMs, timeoutMs ?? 0);
      const ends = [step.signal, ...(deadline ? [deadline.signal] : [])];
      const ended = abortPromise(AbortSignal.any(ends));
      for (;;) {
        const value = this.#shared.journal.signals(signal)[taken];
        if (value !== undefined) return JSON.parse(value) as T;
        if (deadline?.signal.aborted) {
          throw new HostError('wait-timeout', `No "${signal}" came within ${timeoutMs} ms.`);
        }
        this.#throwIfAborted();
        this.#around.timeUp?.throwIfAborted();
        await Promise.race([this.#shared.nextSignal(), ended]);
      }
    });
  }

  #openStepAt(place: StepPlace): StepContext {
    const { run, stream, journal, embed } = this.#shared;
    return new OpenStep(place, {
      embed,
      runId: run.id,
      signal: this.#workSignal,
      stream,
      journal,
      throwIfAborted: () => {
        this.#throwIfAborted();
        this.#around.timeUp?.throwIfAborted();
      },
      store: (event) => this.#store(event),
    });
  }

  #store(event: StoredEventInput, ordinal?: number): number {
    const { journal, redact, run } = this.#shared;
    const path = this.#path;
    const about = { runId: run.id, path, ...(ordinal === undefined ? {} : { place: { path, ordinal } }) };
    return journal.appendEvent(redact(event), about);
  }

  #pathOf(branch: string): string {
    return this.#path === '' ? branch : `${this.#path}/${branch}`;
  }

  /** What breaks off a step that is under way here. */
  get #workSignal(): AbortSignal {
    const { timeUp } = this.#around;
    return timeUp === undefined ? this.signal : AbortSignal.any([this.signal, timeUp]);
  }

  /** Where nothing may begin any more. What was claimed here by a host that died, and is not looked after any more, is told. */
  #throwIfStopped(ordinal: number): void {
    const by = stoppedBy(this.#around);
    if (by === undefined) return;
    const claims = this.#shared.journal.claims(this.#path, ordinal);
    for (const claim of claims) {
      const message = 'A call that was under way when its host died is left with its outcome unknown.';
      this.emit({ type: 'notice', level: 'warn', code: 'outcome-unknown', message, data: claim });
    }
    throw toHostError(by.reason, 'cancelled');
  }

  #throwIfAborted(): void {
    if (!this.signal.aborted) return;
    const reason = toHostError(this.signal.reason, 'cancelled');
    if (outcomeOfFailure(reason).type === 'suspended') this.#shared.open.wasCut = true;
    throw reason;
  }
}
