import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { HostError } from '../../errors.ts';
import { InFlight } from '../../in-flight.ts';
import type { Json } from '../../json.ts';
import type { BudgetLimits, RunInfo } from '../context.ts';
import { cancelElsewhere } from './cancel-left-run.ts';
import type {
  Engine,
  EngineOptions,
  ForkChange,
  Journals,
  RegisteredWorkflow,
  ReplayOutcome,
  ResumeOptions,
  RunHandle,
  RunOptions,
  RunRecord,
  StoredRun,
} from './engine.ts';
import { endedRun } from './ended-run.ts';
import type { Journal, JournalRow } from './journal.ts';
import { MemoryJournals } from './memory.ts';
import { raisedLimits } from './raised-limits.ts';
import { replayRun } from './replay-run.ts';
import { CLOSE_GRACE_MS, RunExecution } from './run-execution.ts';
import { isEnded } from './run-status.ts';

/** Runs workflows in this process over the journals it is given. */
export function createEngine(options: EngineOptions): Engine {
  return new LocalEngine(options);
}

class LocalEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #ephemeral: Journals = new MemoryJournals();
  readonly #workflows = new Map<string, RegisteredWorkflow>();
  readonly #open = new InFlight<string, RunExecution<Json, Json>>();
  readonly #resuming = new Map<string, Promise<RunHandle>>();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  register<Input extends Json, Output extends Json>(workflow: RegisteredWorkflow<Input, Output>): void {
    this.#workflows.set(workflow.name, workflow as unknown as RegisteredWorkflow);
  }

  start<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    options: RunOptions = {},
  ): RunHandle<Output> {
    return this.#start(newRunId(), workflow, input, options);
  }

  async startOnce<Input extends Json, Output extends Json>(
    id: string,
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    options: RunOptions = {},
  ): Promise<RunHandle> {
    const { journals, redact = asItIs } = this.#options;
    const stored = await storedRun(journals, id);
    if (stored === undefined) return this.#start(id, workflow, input, options) as unknown as RunHandle;
    if (!isDeepStrictEqual(stored.run.input, redact({ given: asJson(input) }).given))
      throw new HostError(
        'key-used',
        `Run ${id} has this key, and another input. Choose another key for this one, or delete that run: switchyard runs delete ${id}`,
      );
    if (isEnded(stored.status)) return endedRun(stored);
    this.register(workflow);
    return this.resume(id, options);
  }

  #start<Input extends Json, Output extends Json>(
    id: string,
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    options: RunOptions,
  ): RunHandle<Output> {
    const { ephemeral = false } = options;
    const { redact = asItIs } = this.#options;
    const given = asJson(input);
    if (!ephemeral) this.register(workflow);
    const run: RunRecord = {
      id,
      workflow: workflow.name,
      workflowRevision: revisionOf(workflow),
      actor: options.actor ?? 'person',
      ...(options.sessionId === undefined ? {} : { sessionId: options.sessionId }),
      input: redact({ given }).given,
      budget: options.budget ?? {},
    };
    const journals = ephemeral ? this.#ephemeral : this.#options.journals;
    return this.#execute(workflow, run, { ...options, input: given, journal: () => journals.create(run) });
  }

  async describe(runId: string): Promise<RunRecord> {
    return (await this.#options.journals.read(runId)).run;
  }

  async resume(runId: string, options: ResumeOptions = {}): Promise<RunHandle> {
    const stored = await this.#options.journals.read(runId);
    const { run } = stored;
    const open = this.#open.get(run.id);
    if (open) return open.handle;
    // Whoever comes while it is being taken would take it from us.
    let resuming = this.#resuming.get(run.id);
    if (resuming === undefined) {
      resuming = this.#take(stored, options).finally(() => this.#resuming.delete(run.id));
      this.#resuming.set(run.id, resuming);
    }
    return resuming;
  }

  async #take({ run, rows }: StoredRun, options: ResumeOptions): Promise<RunHandle> {
    const workflow = this.#workflow(run);
    const { budget, parts } = raisedLimits(run.budget, options.budget, rows);
    const journal = await this.#options.journals.open(run.id, budget);
    return this.#execute(workflow, run, {
      ...options,
      budget,
      ...(parts === undefined ? {} : { parts }),
      resumed: options.reason ?? 'resumed',
      journal: () => journal,
    });
  }

  async fork(runId: string, atRow: number, change: ForkChange = {}): Promise<RunHandle> {
    const { run, rows } = await this.#options.journals.read(runId);
    const workflow = this.#workflow(run);
    const { redact = asItIs } = this.#options;
    const forked: RunRecord = {
      ...run,
      id: newRunId(),
      workflowRevision: revisionOf(workflow),
      input: redact({ input: change.input ? change.input(run.input) : run.input }).input,
      budget: { ...run.budget, ...change.budget },
      ...(change.sessionId === undefined ? {} : { sessionId: change.sessionId }),
      forkedFrom: { runId, atRow },
    };
    const kept = [...rowsOfFork(rows(), atRow, forked)];
    const journal = await this.#options.journals.fork(forked, kept);
    const { signal, onWait } = change;
    return this.#execute(workflow, forked, {
      ...(signal === undefined ? {} : { signal }),
      ...(onWait === undefined ? {} : { onWait }),
      budget: forked.budget,
      ...(kept.length === 0 ? {} : { resumed: 'resumed' as const }),
      journal: () => journal,
    });
  }

  running(runId: string): RunHandle | undefined {
    const open = this.#open.get(runId);
    return open === undefined || open.ephemeral ? undefined : open.handle;
  }

  async signal(runId: string, name: string, value: Json): Promise<void> {
    await this.#open.get(runId)?.opened;
    await this.#journalsOf(runId).signal(runId, name, JSON.stringify(value));
    this.#open.get(runId)?.wake();
  }

  async cancel(runId: string, reason = 'The run was cancelled.'): Promise<void> {
    const open = this.#open.get(runId);
    if (open) {
      open.cancel(reason);
      await open.handle.result;
      return;
    }
    await cancelElsewhere(this.#options.journals, runId, reason);
  }

  async replay(runId: string): Promise<ReplayOutcome> {
    const stored = await this.#options.journals.read(runId);
    return replayRun(this.#workflow(stored.run), stored, this.#options);
  }

  async close({ graceMs = CLOSE_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closed = true;
    const runs = [...this.#open.values()];
    for (const run of runs) {
      if (run.ephemeral) run.cancel('The host is closing.');
      else run.leave(graceMs);
    }
    await Promise.allSettled(runs.map((run) => run.handle.result));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #execute<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    run: RunRecord,
    options: Pick<RunOptions, 'signal' | 'onWait' | 'ephemeral'> & {
      readonly input?: Json;
      readonly budget?: BudgetLimits;
      readonly resumed?: 'resumed' | 'adopted';
      readonly parts?: Readonly<Record<string, BudgetLimits>>;
      readonly journal: () => Journal | Promise<Journal>;
    },
  ): RunHandle<Output> {
    if (this.#closed) throw new HostError('host-closed', 'The host is closed; no run can start.');
    const { id, actor, sessionId } = run;
    const info: RunInfo = {
      id,
      workflow: workflow.name,
      actor,
      ...(sessionId === undefined ? {} : { sessionId }),
    };
    const execution = new RunExecution(workflow, {
      ...options,
      engine: this.#options,
      run,
      input: options.input ?? run.input,
      info,
      budget: options.budget ?? {},
      ephemeral: options.ephemeral ?? false,
    });
    this.#open.set(id, execution as unknown as RunExecution<Json, Json>);
    void execution.handle.result.finally(() => this.#open.delete(id));
    return execution.handle;
  }

  #journalsOf(runId: string): Journals {
    return this.#open.get(runId)?.ephemeral ? this.#ephemeral : this.#options.journals;
  }

  #workflow({ workflow: name, id }: RunRecord): RegisteredWorkflow {
    const workflow = this.#workflows.get(name);
    if (workflow) return workflow;
    const known = [...this.#workflows.keys()].join(', ') || 'none';
    throw new HostError(
      'unknown-workflow',
      `Run ${id} is one of the workflow "${name}", which this program does not know. Known: ${known}.`,
    );
  }
}

/** Of another run's rows, with its events told of the fork. */
function* rowsOfFork(
  rows: Iterable<JournalRow>,
  atRow: number,
  fork: { readonly id: string; readonly input: Json },
): Iterable<JournalRow> {
  let rowNumber = 0;
  let number = 0;
  for (const row of rows) {
    rowNumber += 1;
    if (rowNumber > atRow) return;
    if (row.type !== 'event') {
      yield row;
      continue;
    }
    const { event } = row;
    // A fork of a run that ended goes on from before its end.
    if (event.type === 'run-end' || event.type === 'limit-reached') continue;
    number += 1;
    const start = event.type === 'run-start' ? { input: fork.input } : {};
    yield { ...row, event: { ...event, ...start, runId: fork.id, number } };
  }
}

function asItIs<Value>(value: Value): Value {
  return value;
}

/** As a resumed run will read it: what JSON cannot carry is not there the first time either. */
function asJson(input: Json): Json {
  return JSON.parse(JSON.stringify(input)) as Json;
}

async function storedRun(journals: Journals, id: string): Promise<StoredRun | undefined> {
  try {
    return await journals.read(id);
  } catch (error) {
    if (error instanceof HostError && error.code === 'unknown-run') return undefined;
    throw error;
  }
}

function newRunId(): string {
  return `run_${randomUUID()}`;
}

function revisionOf({ revision = '1' }: Pick<RegisteredWorkflow, 'revision'>): string {
  return revision;
}
