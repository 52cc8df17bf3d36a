/** The contract of what makes runs durable. Types only. */
import type { Json, JsonObject } from '../../json.ts';
import type { BudgetLimits, ModelHandle, RunContext, ToolHandle, Workflow } from '../context.ts';
import type { EventError, LimitName, RunEvent, RunTotals, StoredEvent } from '../event.ts';
import type { Journal } from './journal.ts';

export interface Engine extends AsyncDisposable {
  start<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): RunHandle<Output>;
  /** Goes on with a run from its journal; the input is the journaled one. A finished run is replayed. */
  resume<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    runId: string,
    options?: RunOptions,
  ): RunHandle<Output>;
  /** Wakes a `waitFor` of this name, also one that is reached later. Rejects with HostError `unknown-run`. */
  signal(runId: string, name: string, value: Json): Promise<void>;
}

export interface RegisteredWorkflow<Input extends Json, Output extends Json> {
  readonly name: string;
  readonly run: Workflow<Input, Output>;
}

export interface RunOptions {
  readonly budget?: BudgetLimits;
  readonly sessionId?: string;
  /** On whose behalf; `person`, whoever uses this home folder, by default. */
  readonly actor?: string;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
}

export interface RunHandle<Output extends Json = Json> {
  readonly id: string;
  /** See EventStream.events. Leaving the iteration detaches; only `cancel` ends the run. */
  events(from?: number): AsyncIterable<RunEvent>;
  /** All stored events from the first on, without the deltas. */
  storedEvents(): AsyncIterable<StoredEvent>;
  /** Never rejects. */
  readonly result: Promise<RunOutcome<Output>>;
  cancel(reason?: string): void;
}

export type RunOutcome<Output extends Json = Json> = {
  readonly runId: string;
  readonly totals: RunTotals;
} & (
  | { readonly type: 'done'; readonly output: Output }
  | { readonly type: 'failed'; readonly error: EventError }
  | { readonly type: 'stopped'; readonly limit: LimitName; readonly message: string }
  | { readonly type: 'cancelled'; readonly message: string }
);

/** What the engine needs from the host: where journals are and what a context can reach. */
export interface EngineOptions {
  readonly journals: Journals;
  readonly model: (context: RunContext, alias: string) => ModelHandle;
  readonly tools: ToolHandle;
  /** Takes secrets out of events and errors before they are stored; by default they stay as they are. */
  readonly redact?: <Value extends JsonObject>(value: Value) => Value;
}

export interface Journals {
  create(runId: string): Journal;
  /** Throws HostError `unknown-run`. */
  open(runId: string): Journal;
}
