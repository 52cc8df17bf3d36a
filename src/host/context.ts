/** What a workflow is given. Types only. */
import type { Json, JsonObject } from '../json.ts';
import type { DeltaEventInput, RunTotals, StoredEventInput, ToolCallOutcomeType } from './event.ts';
import type {
  AssistantMessage,
  InputPart,
  ModelFailure,
  ModelLimits,
  ModelRequest,
  Spent,
  StopReason,
  Usage,
} from './model/model.ts';
import type { Routing } from './model/routing/routing.ts';
import type { ResultContent, StoredResult } from './result/contract.ts';

/**
 * `(context, input) => output`. Everything that it takes from outside (a model's answer, a tool's result, the time, a
 * random number, the catalog) it takes through the context, so that a journal can give the same again.
 */
export type Workflow<Input extends Json, Output extends Json> = (
  context: RunContext,
  input: Input,
) => Promise<Output>;

export interface RunContext {
  readonly run: RunInfo;
  /** The branches that lead here: '' for the trunk, `research/2:search` below it. */
  readonly path: string;
  /** Whether what comes next on this path is in the journal: then it was decided before, and is not to be decided anew. */
  readonly isJournaled: boolean;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  /**
   * Runs `work` once and journals what it returned; found again by the path of this context, its ordinal there, and
   * `name`. The result goes through JSON and comes back parsed, also the first time. Rejects with HostError
   * `step-open` when another step on this path is still open, and `journal-mismatch` when the journal holds another
   * step at this place. A rejection of `work` is journaled too and comes back as a HostError of the same code.
   */
  step<T extends Json>(name: string, work: (step: StepContext) => Promise<T>): Promise<T>;
  /** A path of its own, for work that runs beside this one. The name must be unused on this path. */
  branch(name: string, options?: BranchOptions): RunContext;
  /**
   * Takes from what is left of the limits, before the next step of this path spends it. Waits while what is under way
   * elsewhere in the run might use up the rest. What the journal holds is only counted. Rejects with HostError
   * `limit-reached`, which a workflow may take as the end of a branch whose own limit it is.
   */
  reserve(wanted: BudgetWanted): Promise<BudgetReservation>;
  /** Wall-clock milliseconds, journaled. */
  now(): Promise<number>;
  /** In [0, 1), journaled. */
  random(): Promise<number>;
  sleep(ms: number): Promise<void>;
  /** Waits for `signal(runId, name, value)`. Rejects with HostError `wait-timeout`. */
  waitFor<T extends Json>(signal: string, options?: { readonly timeoutMs?: number }): Promise<T>;
  /** A model by alias (`default`) or id; of a routed alias with `candidates`, those that were chosen, best first. */
  model(alias: string, candidates?: readonly string[]): ModelHandle;
  readonly tools: ToolHandle;
  /** Stores one fact about the run. On a path that is replayed, facts that are stored already are not stored again. */
  emit(event: StoredEventInput): void;
}

export interface BranchOptions {
  /** Once it is aborted nothing begins on this branch: what is under way comes to its end, and what is journaled is given. */
  readonly stop?: AbortSignal;
  /** Limits of what is done on this branch and below it, within those of the run; time counts while the run is worked. */
  readonly budget?: BudgetLimits;
  /** It is a part one deeper than what is around it. Throws HostError `limit-reached` where that is deeper than `maxDepth`. */
  readonly nested?: boolean;
}

export interface RunInfo {
  readonly id: string;
  readonly workflow: string;
  /** On whose behalf it is: `person` is whoever uses this home folder. */
  readonly actor: string;
  readonly sessionId?: string;
  /** Its journal is only compared with its workflow: nothing outside of the journal may be read or changed. */
  readonly replay?: true;
}

/** Turns texts into vectors of length one, in order. Rejects with HostError `embedder-unavailable`. */
export type Embed = (texts: readonly string[], signal: AbortSignal) => Promise<readonly Float32Array[]>;

export interface StepContext {
  /** Path, ordinal and name: stable between attempts and resumes. */
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
  /** Derived from run and step; equal whenever this step is executed again. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /**
   * Writes down that an effect is about to be made; it is written when this returns. Throws HostError `run-lost` where
   * another host has the run, and `journal-unavailable`; then the effect must not be made.
   */
  claim(claim: JsonObject): void;
  /**
   * Resolves when what the run has told so far is written, before something is sent that costs but needs no claim: at the
   * end of this turn of the event loop, together with what other branches and runs tell in it. Rejects like `claim`.
   */
  written(): Promise<void>;
  /**
   * Vectors of length one, one a text, from the local embedder, which starts when it is first needed. Rejects with HostError
   * `embedder-unavailable`.
   */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  /** Of earlier executions of this step, which came to no recorded end: what became of their effects is uncertain. */
  readonly claims: readonly JsonObject[];
  emit(event: StoredEventInput | DeltaEventInput): void;
  /** Starts the next attempt within this step: what its deltas said since the last start is void. */
  restart(
    reason: 'retry' | 'fallback' | 'escalation',
    detail?: { readonly failure: ModelFailure; readonly delayMs: number },
  ): void;
}

/** The limits of a run, or of a branch of it, and what is spent of them. The time limit aborts the run's signal. */
export interface Budget {
  /** Those that hold here, of the branches around included; undefined is no limit. */
  readonly limits: BudgetLimits;
  readonly spent: BudgetSpent;
  /** Whether money and tokens are limited, also by limits over several runs: then a call is estimated before it is made. */
  readonly counted: { readonly usd: boolean; readonly tokens: boolean };
  /** Counts what nobody could foresee, as the result of a step says it, which was in the journal or is there anew. */
  spendUnforeseen(
    model: NonNullable<BudgetAmount['model']>,
    options: { readonly journaled: boolean },
  ): Promise<void>;
}

export type BudgetAmount = {
  readonly turns?: number;
  readonly toolCalls?: number;
  /** `costUsd` undefined: the price of this usage is unknown. */
  readonly model?: { readonly usage: Usage; readonly costUsd: number | undefined };
};

/** Turns and tool calls count when they are reserved; a model call counts as what it came to. */
export type BudgetWanted = Pick<BudgetAmount, 'turns' | 'toolCalls'> & { readonly model?: ModelCost };

/** The most that a model call may come to; without a price, `costUsd` is left out. */
export type ModelCost = { readonly tokens: number; readonly costUsd?: number };

/** Disposed of without being settled, nothing was spent on a model. */
export interface BudgetReservation extends Disposable {
  /** Takes the place of what was set aside. Once. */
  settle(actual: NonNullable<BudgetAmount['model']>): void;
}

export type BudgetLimits = {
  readonly maxTurns?: number;
  readonly maxToolCalls?: number;
  /** Input and output tokens of all model calls, caches included. */
  readonly maxTokens?: number;
  readonly maxUsd?: number;
  readonly timeoutMs?: number;
  /** The same call with the same arguments this often in a row stops the run. */
  readonly maxRepeats?: number;
  /** How many parts may stand one in the other. */
  readonly maxDepth?: number;
  /** Model calls at the same time, however the parts are nested. */
  readonly maxConcurrency?: number;
  /** Told along with each call: how many agents of other gateways may stand behind this one. */
  readonly maxAgentsBehind?: number;
};

/** `costUsd` undefined: the price of at least one call is unknown. */
export type BudgetSpent = RunTotals;

export interface ModelHandle {
  readonly id: string;
  readonly limits: ModelLimits;
  /**
   * One model call as one journaled step; its deltas are events of that step. A `draft` is no answer, but what an answer is
   * made of: it has no deltas, and its `model-end` says so.
   */
  generate(request: ModelRequest, options?: { readonly draft?: boolean }): Promise<ModelResult>;
  /**
   * Present where the alias is routed and nothing is chosen yet: chooses for what begins with this request, in a step of the
   * caller's. Without it every request is chosen for by itself.
   */
  readonly choose?: Routing['choose'];
}

export type ModelResult =
  | {
      readonly type: 'message';
      readonly message: AssistantMessage;
      readonly stopReason: StopReason;
      readonly usage: Usage;
      readonly model: string;
      readonly costUsd?: number;
      /** On answers that were not taken, and on judging them; not in `usage`. */
      readonly beside?: readonly Spent[];
      /** Why a guard withholds the answer; the message is empty then. */
      readonly withheld?: string;
    }
  | { readonly type: 'error'; readonly failure: ModelFailure; readonly beside?: readonly Spent[] };

/** The one path of every tool call: prepare, execute, finalize. */
export interface ToolHandle {
  /** Tools by exposed name, in the catalog's order, as this run took them. */
  list(context: RunContext): Promise<ToolList>;
  /** Never rejects for an expected failure. Must be given a context whose path has no open step. */
  call(context: RunContext, request: ToolCallRequest): Promise<ToolCallResult>;
  /** Stores what the next requests of a conversation leave out, in one journaled step; answers in the order given. */
  keep(context: RunContext, requests: readonly KeepRequest[]): Promise<readonly KeptContent[]>;
}

export type KeepRequest = {
  /** The call that answered with it, and its tool. */
  readonly callId: string;
  readonly name: string;
  readonly content: ResultContent;
};

export type KeptContent =
  | ({ readonly type: 'kept' } & Pick<StoredResult, 'uri' | 'mimeType' | 'characters' | 'lines'>)
  | { readonly type: 'not-kept'; readonly reason: string };

export type ToolList = {
  readonly revision: string;
  readonly tools: readonly ToolSummary[];
};

export type ToolSummary = {
  readonly name: string;
  /** `server__tool`, where `name` is the server's own. */
  readonly prefixedName?: string;
  readonly server: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly readOnly: boolean;
  readonly idempotent: boolean;
};

export type ToolCallRequest = {
  readonly callId: string;
  readonly name: string;
  readonly arguments?: JsonObject;
  readonly invalidArguments?: string;
  /** Keep the server's own answer in the result; without it only what a model is given is journaled. */
  readonly keepResult?: boolean;
  /** How long to wait for an answer, in place of the server's own limit. */
  readonly timeoutMs?: number;
  /** The most tokens of text that the answer gives to the model, where that is less than the config allows. */
  readonly maxResultTokens?: number;
  /** What the model takes besides text; by default everything. */
  readonly accepts?: { readonly images: boolean; readonly audio: boolean };
  /** Never of a model: the command or the setting by which a person allowed what the host does here by itself. */
  readonly approvedBy?: string;
  /**
   * It belongs to no run that could be gone on with: a command's call, a client's. Where a person is to allow it and none is
   * at hand, it ends with the outcome `waiting`, and runs when it is sent again once it was approved.
   */
  readonly direct?: boolean;
  /** How long it may take in all, connecting included and progress or not. */
  readonly withinMs?: number;
  /** Sent along as `_meta`: a trace, and what else a client of ours sends to the server. */
  readonly meta?: JsonObject;
  /**
   * Of a client of ours: it gets the server's own answer, in `result`, with only long texts cut and kept, and nothing is made
   * of it for a model.
   */
  readonly forClient?: boolean;
};

export type ToolCallResult = {
  readonly callId: string;
  readonly name: string;
  readonly outcome: ToolCallOutcomeType;
  readonly isError: boolean;
  /** For the model. */
  readonly content: readonly InputPart[];
  /** Where what the model was not given whole is kept: `switchyard://results/…`. */
  readonly stored?: readonly string[];
  /** With `keepResult`: the server's own answer, unknown fields kept. */
  readonly result?: JsonObject;
  readonly message?: string;
  /** The server could not be reached: nothing of the call has left. */
  readonly notSent?: true;
  /** The server refused the call by an error of the protocol. */
  readonly protocolError?: { readonly code: number; readonly data?: Json };
  /** With the outcome `waiting`: the id of the approval that it waits for. */
  readonly waitsFor?: string;
};
