/** Runs of the host's agent on behalf of clients, which outlive the request that began them. Types only. */
import type { Json, JsonObject } from '../../json.ts';
import type { BudgetLimits } from '../context.ts';
import type { RunStatus, SuspendReason } from '../engine/engine.ts';
import type { Achieved, RunEvent, RunTotals, StoredEvent } from '../event.ts';

/** Every method that is given a run's id rejects with HostError `unknown-run` where there is none that the actor may have. */
export interface ClientRuns {
  /**
   * Begins a run and resolves to its id when it is recorded. Rejects with HostErrors `unknown-model`, `unknown-session` where
   * it has no such conversation, `session-busy`, and `too-many-runs`.
   */
  ask(request: string, options: ClientAskOptions): Promise<string>;
  /**
   * Begins a run of a workflow, as `ask` does. Rejects with HostErrors `unknown-workflow`, `input-invalid`, `denied` and
   * `too-many-runs`.
   */
  run(workflow: string, input: Json, options: ClientWorkflowOptions): Promise<string>;
  look(runId: string, actor: string): Promise<RunView>;
  /** All that it has told, in order. */
  story(runId: string, actor: string): Promise<readonly StoredEvent[]>;
  /**
   * What it has told and tells, whichever process works on it, until it ends, nobody is going to work on it, or the signal
   * aborts; then the iteration ends. The run goes on.
   */
  follow(runId: string, actor: string, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** One of its calls that waits for a person; undefined where it waits no longer. */
  approval(runId: string, approvalId: string, actor: string): Promise<OpenApproval | undefined>;
  /** What the client's person says of it. Where somebody was first, that stands. */
  decide(runId: string, approvalId: string, decision: 'approved' | 'denied', actor: string): Promise<void>;
  /** Ends it for good, wherever it is. Rejects with HostErrors `run-ended`, and `not-cancelled-yet` where a step does not end. */
  cancel(runId: string, actor: string): Promise<void>;
}

export interface ClientAskOptions {
  /** On whose behalf. */
  readonly actor: string;
  /** An alias or `provider/model`; `default` where it is left out. */
  readonly model?: string;
  /** A conversation of the actor that is gone on with, or `new` for one that can be. Without it the request stands alone. */
  readonly sessionId?: string;
  /** Each counts where it is lower than the config's. */
  readonly limits?: BudgetLimits;
}

export interface ClientWorkflowOptions extends Pick<ClientAskOptions, 'actor' | 'limits'> {
  /** The name of the tool by which it was asked for, to which rules may say no. */
  readonly tool: string;
}

/** As `RunStatus`; `interrupted`: its process died. */
export type RunViewStatus = RunStatus | 'interrupted';

export type RunView = {
  readonly id: string;
  readonly status: RunViewStatus;
  /** Why it is suspended. */
  readonly reason?: SuspendReason;
  /** In words of the one who asked, secrets masked. */
  readonly request: string;
  readonly sessionId?: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Of a run that has ended. */
  readonly output?: Json;
  readonly error?: { readonly code: string; readonly message: string };
  /** Of one that a limit stopped. */
  readonly achieved?: Achieved;
  /** Of the same: how a person goes on with it. */
  readonly goOn?: string;
  readonly totals: RunTotals;
  /** Number of the last thing that it told. */
  readonly lastEvent: number;
  /** Calls that a person has to allow. */
  readonly approvals: readonly OpenApproval[];
  /** What its workflow asks a person, in words, where nobody has answered yet. */
  readonly questions: readonly string[];
  /** This host goes on with it by itself. */
  readonly isTakenUpHere: boolean;
  /** The command by which a person goes on with it, where nobody works on it. */
  readonly resume?: string;
};

export type OpenApproval = {
  readonly id: string;
  readonly tool: string;
  readonly server: string;
  readonly title: string;
  readonly destructive: boolean;
  readonly reason?: string;
  readonly diff?: string;
  /** Secrets masked. */
  readonly arguments: JsonObject;
  readonly expiresMs: number;
};
