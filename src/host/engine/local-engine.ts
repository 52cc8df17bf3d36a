import { randomUUID } from 'node:crypto';

import { HostError, toHostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { RunInfo } from '../context.ts';
import type { LimitName, RunOutcomeType, StoredEvent } from '../event.ts';
import { RunBudget } from './budget.ts';
import type {
  Engine,
  EngineOptions,
  RegisteredWorkflow,
  RunHandle,
  RunOptions,
  RunOutcome,
} from './engine.ts';
import { EventStream } from './event-stream.ts';
import { type Journal, JournalIndex } from './journal.ts';
import { limitReached } from './limit.ts';
import { PathContext, toEventError } from './run-context.ts';

interface OpenRun {
  readonly journal: JournalIndex;
  readonly cancel: (error: HostError) => void;
  readonly ended: Promise<unknown>;
  wake: PromiseWithResolvers<void>;
}

/** Runs workflows in this process over the journals it is given. */
export function createEngine(options: EngineOptions): Engine {
  return new LocalEngine(options);
}

class LocalEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #open = new Map<string, OpenRun>();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  start<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    options: RunOptions = {},
  ): RunHandle<Output> {
    const runId = `run_${randomUUID()}`;
    // As a resumed run will read it: what JSON cannot carry is not there the first time either.
    const given = JSON.parse(JSON.stringify(input)) as Input;
    return this.#execute(workflow, given, this.#options.journals.create(runId), options);
  }

  resume<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    runId: string,
    options: RunOptions = {},
  ): RunHandle<Output> {
    const journal = this.#options.journals.open(runId);
    const start = firstEvent(journal);
    if (start?.type !== 'run-start') {
      throw new HostError('unknown-run', `The journal of run ${runId} holds no start; it cannot be resumed.`);
    }
    return this.#execute(workflow, start.input as Input, journal, options);
  }

  async signal(runId: string, name: string, value: Json): Promise<void> {
    const run = this.#open.get(runId);
    if (!run) throw new HostError('unknown-run', `Run ${runId} is not open in this process.`);
    run.journal.append({ type: 'signal', name, value: JSON.stringify(value) });
    const { wake } = run;
    run.wake = Promise.withResolvers();
    wake.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const runs = [...this.#open.values()];
    for (const run of runs) run.cancel(new HostError('cancelled', 'The host is closing.'));
    await Promise.allSettled(runs.map((run) => run.ended));
  }

  #execute<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    rows: Journal,
    options: RunOptions,
  ): RunHandle<Output> {
    if (this.#closed) throw new HostError('host-closed', 'The host is closed; no run can start.');
    const started = performance.now();
    const journal = new JournalIndex(rows);
    const stream = new EventStream(journal.events);
    const budget = new RunBudget(options.budget ?? {});
    const abort = new AbortController();
    const cancel = (error: HostError): void => abort.abort(error);
    const { redact = asItIs } = this.#options;
    const info: RunInfo = {
      id: rows.runId,
      workflow: workflow.name,
      actor: options.actor ?? 'person',
      ...(options.sessionId === undefined ? {} : { sessionId: options.sessionId }),
    };
    const run: OpenRun = { journal, cancel, wake: Promise.withResolvers(), ended: Promise.resolve() };
    const context = new PathContext(
      {
        run: info,
        budget,
        signal: abort.signal,
        journal,
        stream,
        model: this.#options.model,
        tools: this.#options.tools,
        redact,
        nextSignal: () => run.wake.promise,
      },
      '',
    );
    const stopWatching = watchLimits(options, cancel);

    const perform = async (): Promise<RunOutcome<Output>> => {
      // The caller gets the handle, and may attach a reader, before the first event.
      await Promise.resolve();
      let outcome: RunOutcome<Output>;
      try {
        context.emit({
          type: 'run-start',
          workflow: workflow.name,
          input,
          budget: budget.limits as JsonObject,
        });
        if (abort.signal.aborted) throw abort.signal.reason;
        const output = await workflow.run(context, input);
        outcome = { type: 'done', output, runId: info.id, totals: budget.spent };
      } catch (thrown) {
        outcome = { ...redact(failureOutcome(thrown, abort.signal)), runId: info.id, totals: budget.spent };
      }
      stopWatching();
      try {
        if (outcome.type === 'stopped')
          context.emit({ type: 'limit-reached', limit: outcome.limit, message: outcome.message });
        const durationMs = performance.now() - started;
        if (journal.events.at(-1)?.type !== 'run-end')
          context.emit({ type: 'run-end', ...endOf(outcome), totals: outcome.totals, durationMs });
      } catch (thrown) {
        outcome = {
          type: 'failed',
          error: toEventError(toHostError(thrown)),
          runId: info.id,
          totals: budget.spent,
        };
      }
      this.#open.delete(info.id);
      stream.close();
      return outcome;
    };
    const result = perform();
    this.#open.set(info.id, Object.assign(run, { ended: result }));
    return {
      id: info.id,
      events: (from) => stream.events(from),
      storedEvents: () => stream.storedEvents(),
      result,
      cancel: (reason) => cancel(new HostError('cancelled', reason ?? 'The run was cancelled.')),
    };
  }
}

function watchLimits(options: RunOptions, cancel: (error: HostError) => void): () => void {
  const onAbort = (): void => cancel(new HostError('cancelled', 'The run was cancelled.'));
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const { timeoutMs } = options.budget ?? {};
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () =>
            cancel(
              limitReached(
                'time',
                `The time limit of ${timeoutMs / 1000} s is reached. Raise it with --timeout.`,
              ),
            ),
          timeoutMs,
        );
  return () => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  };
}

type Failure =
  | { readonly type: 'failed'; readonly error: { readonly code: string; readonly message: string } }
  | { readonly type: 'stopped'; readonly limit: LimitName; readonly message: string }
  | { readonly type: 'cancelled'; readonly message: string };

function failureOutcome(thrown: unknown, signal: AbortSignal): Failure {
  const error = toHostError(signal.aborted ? signal.reason : thrown);
  if (error.code === 'limit-reached') {
    const { limit } = error.data as { readonly limit: LimitName };
    return { type: 'stopped', limit, message: error.message };
  }
  if (error.code === 'cancelled') return { type: 'cancelled', message: error.message };
  return { type: 'failed', error: toEventError(error) };
}

function endOf(outcome: RunOutcome): {
  outcome: RunOutcomeType;
  output?: Json;
  error?: { readonly code: string; readonly message: string };
} {
  switch (outcome.type) {
    case 'done':
      return { outcome: 'done', output: outcome.output };
    case 'failed':
      return { outcome: 'failed', error: outcome.error };
    case 'stopped':
      return { outcome: 'stopped', error: { code: 'limit-reached', message: outcome.message } };
    case 'cancelled':
      return { outcome: 'cancelled', error: { code: 'cancelled', message: outcome.message } };
    default:
      return outcome satisfies never;
  }
}

function firstEvent(journal: Journal): StoredEvent | undefined {
  for (const row of journal.rows()) if (row.type === 'event') return row.event;
  return undefined;
}

function asItIs<Value>(value: Value): Value {
  return value;
}
