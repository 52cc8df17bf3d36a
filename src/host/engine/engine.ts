/** The contract of what makes runs durable. Types only. */
import type { Json, JsonObject } from '../../json.ts';
import type { BudgetLimits, Embed, ModelHandle, RunContext, ToolHandle, Workflow } from '../context.ts';
import type {
  Achieved,
  EventError,
  ReachedLimit,
  RunEvent,
  RunOutcomeType,
  RunTotals,
  StoredEvent,
} from '../event.ts';
import type { Journal, JournalRow } from './journal.ts';
import type { SharedBudget, SharingRun } from './spending/shared-budget.ts';

export interface Engine extends AsyncDisposable {
  /** Runs of this workflow can be resumed; one that is started here is known. */
  register<Input extends Json, Output extends Json>(workflow: RegisteredWorkflow<Input, Output>): void;
  start<Input extends Json, Output extends Json>(
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): RunHandle<Output>;
  /**
   * The run of this id: begun where there is none, gone on with where it was left, told as it ended where it has. Rejects like
   * `resume`, and with HostError `key-used` where it has another input.
   */
  startOnce<Input extends Json, Output extends Json>(
    id: string,
    workflow: RegisteredWorkflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<RunHandle>;
  /** Rejects with HostError `unknown-run`. */
  describe(runId: string): Promise<RunRecord>;
  /**
   * Goes on with a run from its journal; input and limits are the journaled ones where they are not given anew. A run that
   * is open in this process gives the handle that it has. Rejects with HostError `unknown-run`, `unknown-workflow`,
   * `run-owned` where a live host has it, `run-elsewhere` where it belongs to another config or folder, `run-ended`.
   */
  resume(runId: string, options?: ResumeOptions): Promise<RunHandle>;
  /**
   * Starts a run with the journal of another up to and including its row `atRow`, 0 for none of it. Rejects like `resume`;
   * the other run is left as it is, and may be in any state.
   */
  fork(runId: string, atRow: number, change?: ForkChange): Promise<RunHandle>;
  /** The handle of a run that is open in this process, unless it is ephemeral. */
  running(runId: string): RunHandle | undefined;
  /** Wakes a `waitFor` of this name, also one that is reached later. Rejects with HostError `unknown-run`, `run-ended`. */
  signal(runId: string, name: string, value: Json): Promise<void>;
  /**
   * Ends a run for good, wherever it is: one of a live host is asked to end, any other is ended here.
   * Rejects with HostError `unknown-run`, `run-ended`.
   */
  cancel(runId: string, reason?: string): Promise<void>;
  /** Runs the workflow against its journal; whatever it would do that is not journaled is a difference. Changes nothing. */
  replay(runId: string): Promise<ReplayOutcome>;
  /** Lets running steps end until the deadline, then leaves what is open as `suspended`. What is ephemeral is cancelled. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface RegisteredWorkflow<Input extends Json = Json, Output extends Json = Json> {
  readonly name: string;
  /** Of its code, for people: recorded with each run. `1` where it is left out. */
  readonly revision?: string;
  readonly run: Workflow<Input, Output>;
  /** Limits of each of its runs, where they are lower than those of the host. */
  readonly budget?: BudgetLimits;
  /** What `run-end` tells of its output: all of it where this is left out. What other events have told is not stored again. */
  told?(output: Output): Json;
}

export interface RunOptions {
  readonly budget?: BudgetLimits;
  readonly sessionId?: string;
  /** On whose behalf; `person`, whoever uses this home folder, by default. */
  readonly actor?: string;
  /** Aborting it cancels the run; with a HostError `closing` as its reason the run is left instead. */
  readonly signal?: AbortSignal;
  /** `leave`: where all that goes on in the run waits for signals, it is left. `stay`, the default: it waits in memory. */
  readonly onWait?: 'stay' | 'leave';
  /** Journaled in memory alone: it cannot be resumed, and no other process knows of it. */
  readonly ephemeral?: boolean;
}

export interface ResumeOptions extends Pick<RunOptions, 'signal' | 'onWait' | 'budget'> {
  /** What it is told as in `run-resume`; `resumed` by default. */
  readonly reason?: 'resumed' | 'adopted';
}

export interface ForkChange extends Pick<RunOptions, 'signal' | 'onWait' | 'budget' | 'sessionId'> {
  /** Makes its input of that of the other run. */
  readonly input?: (input: Json) => Json;
}

export interface RunHandle<Output extends Json = Json> {
  readonly id: string;
  readonly run: RunRecord;
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
  | ({ readonly type: 'stopped'; readonly achieved: Achieved } & ReachedLimit)
  | { readonly type: 'cancelled'; readonly message: string }
  /** It is not over, and no `run-end` is stored. */
  | { readonly type: 'suspended'; readonly reason: SuspendReason; readonly message: string }
);

/**
 * waiting: for a signal; unstarted: it was written down and has not begun; closing: its host ended; lost: another host has it; journal-unavailable: it could not be written
 * down, such as on a full disk; mismatch: its workflow no longer fits its journal.
 */
export type SuspendReason = 'waiting' | 'unstarted' | 'closing' | 'lost' | 'journal-unavailable' | 'mismatch';

/** `running`: a host has it, or died with it. `waiting` and `suspended`: left, and can be resumed, as can `stopped`. */
export type RunStatus = 'running' | 'waiting' | 'suspended' | RunOutcomeType;

/** What is known of a run besides its rows. */
export interface RunRecord {
  readonly id: string;
  readonly workflow: string;
  readonly workflowRevision: string;
  readonly actor: string;
  readonly sessionId?: string;
  /** Secrets masked: the first time a workflow is given it as it was, and when the run goes on, as it stands here. */
  readonly input: Json;
  readonly budget: BudgetLimits;
  readonly forkedFrom?: { readonly runId: string; readonly atRow: number };
}

export type ReplayOutcome =
  /** `complete` is false where the run has not ended: it was compared as far as it came. */
  | { readonly type: 'identical'; readonly steps: number; readonly complete: boolean }
  | {
      readonly type: 'different';
      readonly path: string;
      /** Of the step or event on its path, from 0. */
      readonly ordinal: number;
      readonly kind: 'step' | 'event' | 'outcome';
      /** Absent: the journal has nothing there, or the workflow no longer comes there. */
      readonly journaled?: string;
      readonly now?: string;
    };

/** What the engine needs from the host: where journals are and what a context can reach. */
export interface EngineOptions {
  readonly journals: Journals;
  readonly model: (context: RunContext, alias: string, candidates?: readonly string[]) => ModelHandle;
  readonly tools: ToolHandle;
  /** Without it there is no embedder. */
  readonly embed?: Embed;
  /** What a run shares with others; without it no limits over several runs are kept. */
  readonly spending?: (run: SharingRun) => SharedBudget;
  /** Takes secrets out of events and errors before they are stored; by default they stay as they are. */
  readonly redact?: <Value extends JsonObject>(value: Value) => Value;
}

export interface Journals {
  /** The journal of a run that this process owns from now on. */
  create(run: RunRecord): Journal | Promise<Journal>;
  /** Takes a run over, with these limits from now on. Rejects with HostError `unknown-run`, `run-owned`, `run-elsewhere`, `run-ended`. */
  open(runId: string, budget?: BudgetLimits): Journal | Promise<Journal>;
  /** What a run is and holds, without taking it. Rejects with HostError `unknown-run`. */
  read(runId: string): StoredRun | Promise<StoredRun>;
  /** Rejects with HostError `unknown-run`, `run-ended`. */
  signal(runId: string, name: string, value: string): void | Promise<void>;
  /** Asks the live host of a run to cancel it; false where no live host has it. Rejects like `signal`. */
  requestCancel(runId: string, reason: string): boolean | Promise<boolean>;
  /** Copies rows of one run to another, which this process owns from now on. */
  fork(run: RunRecord, rows: Iterable<JournalRow>): Journal | Promise<Journal>;
}

export interface StoredRun {
  readonly run: RunRecord;
  readonly status: RunStatus;
  readonly rows: () => Iterable<JournalRow>;
}
