import { HostError, messageOf, toHostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { BudgetLimits, RunInfo } from '../context.ts';
import type { RunTotals } from '../event.ts';
import { RunBudget } from './budget.ts';
import type {
  EngineOptions,
  RegisteredWorkflow,
  RunHandle,
  RunOptions,
  RunOutcome,
  RunRecord,
} from './engine.ts';
import { EventStream } from './event-stream.ts';
import type { Journal } from './journal.ts';
import { limitReached } from './limit.ts';
import { OpenSteps } from './open-steps.ts';
import { closeOf, endOf, outcomeOfFailure, suspended, toEventError, withAchieved } from './outcome.ts';
import { PathContext } from './run-context.ts';
import { RunJournal } from './run-journal.ts';

export interface ExecutionOptions extends Pick<RunOptions, 'signal' | 'onWait'> {
  readonly engine: Pick<EngineOptions, 'model' | 'tools' | 'embed' | 'redact' | 'spending'>;
  readonly run: RunRecord;
  readonly input: Json;
  readonly info: RunInfo;
  readonly budget: BudgetLimits;
  /** Opened when the run begins; where that fails the run fails with it. */
  readonly journal: () => Journal | Promise<Journal>;
  /** What is told of a run that goes on. */
  readonly resumed?: 'resumed' | 'adopted';
  /** By path: limits of parts in place of their own, from here on. */
  readonly parts?: Readonly<Record<string, BudgetLimits>>;
  readonly ephemeral: boolean;
}

/** One for all runs: making an error costs more than all else at the end of a short one. */
const ENDED = new HostError('cancelled', 'The run has ended.');

/** How long steps that are under way may take to end when their host is asked to end. */
export const CLOSE_GRACE_MS = 5_000;

/** One run under way in this process. */
export class RunExecution<Input extends Json, Output extends Json> {
  readonly handle: RunHandle<Output>;
  readonly ephemeral: boolean;
  readonly #options: ExecutionOptions;
  readonly #workflow: RegisteredWorkflow<Input, Output>;
  readonly #stream = new EventStream();
  readonly #abort = new AbortController();
  readonly #open: OpenSteps;
  readonly #budget: RunBudget;
  readonly #started = performance.now();
  readonly #opened = Promise.withResolvers<void>();
  #wake = Promise.withResolvers<void>();
  #wakeAtMs: number | undefined;
  #leaving: NodeJS.Timeout | undefined;

  constructor(workflow: RegisteredWorkflow<Input, Output>, options: ExecutionOptions) {
    this.#workflow = workflow;
    this.#options = options;
    this.ephemeral = options.ephemeral;
    this.#budget = new RunBudget(options.budget);
    this.#open = new OpenSteps({
      onAllWaiting: () => {
        if (options.onWait !== 'leave') return;
        this.#wakeAtMs = this.#open.firstWaitEndsMs;
        this.#end(suspended('waiting', 'It waits for an answer.'));
      },
      onIdle: (reason) => this.#end(reason),
    });
    this.handle = {
      id: options.run.id,
      run: options.run,
      events: (from) => this.#stream.events(from),
      storedEvents: () => this.#stream.storedEvents(),
      result: this.#perform(),
      cancel: (reason) => this.cancel(reason),
    };
  }

  /** Resolves when its journal is open, or could not be opened. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  cancel(reason = 'The run was cancelled.'): void {
    this.#end(new HostError('cancelled', reason));
  }

  /** A signal may have come for it. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = Promise.withResolvers();
    wake.resolve();
  }

  /** Leaves it, to be resumed, as soon as the steps that are under way have ended, or else after `graceMs`. */
  leave(graceMs: number): void {
    const reason = suspended('closing', 'Its host ended.');
    this.#open.leaveRun(reason);
    this.#leaving ??= setTimeout(() => this.#end(reason), graceMs);
  }

  #end(error: HostError): void {
    this.#abort.abort(error);
  }

  async #perform(): Promise<RunOutcome<Output>> {
    // The caller gets the handle, and may attach a reader, before the first event.
    await Promise.resolve();
    const { redact = asItIs } = this.#options.engine;
    const ended = { runId: this.#options.info.id, totals: this.#budget.spent };
    let journal: Journal;
    try {
      journal = await this.#options.journal();
    } catch (thrown) {
      this.#stream.close();
      this.#opened.resolve();
      return { type: 'failed', error: redact(toEventError(toHostError(thrown))), ...ended };
    }
    const stopWatching = this.#watch(journal);
    this.#opened.resolve();
    try {
      return await this.#execute(journal);
    } finally {
      stopWatching();
      this.#stream.close();
    }
  }

  async #execute(journal: Journal): Promise<RunOutcome<Output>> {
    const { redact = asItIs } = this.#options.engine;
    const { info } = this.#options;
    let rows: RunJournal | undefined;
    const about = (): { readonly runId: string; readonly totals: RunTotals } => ({
      runId: info.id,
      totals: this.#budget.spent,
    });
    let outcome: RunOutcome<Output>;
    try {
      const { engine, run, ephemeral } = this.#options;
      const alongside = (work: () => void): void => journal.alongside(work);
      this.#budget.share(engine.spending?.({ run, ephemeral, alongside }));
      rows = this.#read(journal);
      const output = await this.#work(rows);
      outcome = { type: 'done', output, ...about() };
    } catch (thrown) {
      const error = this.#abort.signal.aborted ? this.#abort.signal.reason : thrown;
      outcome = withAchieved(redact(outcomeOfFailure(toHostError(error))), about(), []);
    }
    // What still runs beside the way that ended the workflow has no place any more.
    this.#abort.abort(ENDED);
    await this.#open.settled();
    try {
      if (rows && outcome.type === 'stopped') {
        rows.show();
        outcome = withAchieved(outcome, about(), this.#stream.stored);
      }
      if (rows) this.#tellEnd(rows, outcome);
      const wakeAtMs = this.#wakeAtMs;
      journal.close({ ...closeOf(outcome), ...(wakeAtMs === undefined ? {} : { wakeAtMs }) });
      return outcome;
    } catch (thrown) {
      return withAchieved(redact(outcomeOfFailure(toHostError(thrown))), about(), this.#stream.stored);
    }
  }

  /** A row that cannot be read leaves the run as it is. */
  #read(journal: Journal): RunJournal {
    try {
      return new RunJournal(journal, this.#stream);
    } catch (error) {
      throw suspended('mismatch', `The journal of the run cannot be read: ${messageOf(error)}`);
    }
  }

  async #work(rows: RunJournal): Promise<Output> {
    const { engine, info, resumed, parts } = this.#options;
    if (parts) rows.raise(parts);
    this.#budget.raise(rows.raised);
    const input = this.#options.input as Input;
    const { redact = asItIs } = engine;
    const context = new PathContext(
      {
        run: info,
        signal: this.#abort.signal,
        journal: rows,
        stream: this.#stream,
        open: this.#open,
        model: engine.model,
        tools: engine.tools,
        embed: engine.embed,
        redact,
        nextSignal: () => this.#wake.promise,
        abandon: (reason) => this.#end(reason),
      },
      '',
      this.#budget,
    );
    const limits = this.#budget.limits as JsonObject;
    if (rows.lastEvent === undefined) {
      const start = { type: 'run-start', workflow: this.#workflow.name, input, budget: limits } as const;
      rows.appendEvent(redact(start), { runId: info.id, path: '' });
    } else if (resumed) {
      const { workflowRevision: from } = this.#options.run;
      const { revision: to = '1' } = this.#workflow;
      const resume = {
        type: 'run-resume',
        reason: resumed,
        budget: limits,
        ...(parts === undefined ? {} : { parts: parts as Readonly<Record<string, JsonObject>> }),
        ...(from === to ? {} : { changed: { from, to } }),
      } as const;
      rows.appendEvent(resume, { runId: info.id, path: '' });
    }
    if (this.#abort.signal.aborted) throw this.#abort.signal.reason;
    const output = await this.#workflow.run(context, input);
    // A workflow that made something of a step's being broken off has not come to its end.
    if (this.#open.wasCut) throw this.#abort.signal.reason;
    return output;
  }

  #tellEnd(rows: RunJournal, outcome: RunOutcome<Output>): void {
    if (outcome.type === 'suspended') return;
    const { redact = asItIs } = this.#options.engine;
    const about = { runId: outcome.runId, path: '' };
    if (outcome.type === 'stopped') {
      const { achieved: _, runId: _id, totals: _totals, ...reached } = outcome;
      rows.appendEvent({ ...reached, type: 'limit-reached' }, about);
    }
    const durationMs = performance.now() - this.#started;
    const end = {
      type: 'run-end',
      ...endOf(outcome, this.#workflow),
      totals: outcome.totals,
      durationMs,
    } as const;
    rows.appendEvent(redact(end), about);
  }

  /** Returns what takes the watch away. */
  #watch(journal: Journal): () => void {
    const { signal, budget } = this.#options;
    journal.watch({
      onSignal: () => this.wake(),
      onCancel: (reason) => this.cancel(reason),
      onFailure: (error) => this.#end(toHostError(error)),
    });
    const onAbort = (): void => {
      const { reason } = signal ?? {};
      if (reason instanceof HostError && reason.code === 'suspended') this.leave(CLOSE_GRACE_MS);
      else this.cancel();
    };
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const { timeoutMs } = budget;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#timeOut(timeoutMs), timeoutMs);
    return () => {
      clearTimeout(timer);
      clearTimeout(this.#leaving);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  #timeOut(timeoutMs: number): void {
    const message = `The time limit of ${timeoutMs / 1000} s is reached.`;
    this.#end(limitReached({ limit: 'time', message, maximum: timeoutMs }));
  }
}

function asItIs<Value>(value: Value): Value {
  return value;
}
