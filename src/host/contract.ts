/** What a host is given and what it offers. Types only. */
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { ModelEntry } from '../config/model-entry.ts';
import type { TrustQuestion } from '../config/trust.ts';
import type { Json, JsonObject } from '../json.ts';
import type { CallOptions, CallOutcome, LogSink, Registry } from '../registry/contract.ts';
import type { ClientAccess } from './client-access.ts';
import type { ToolCallResult, ToolHandle } from './context.ts';
import type { Engine, ForkChange, Journals, ResumeOptions, RunHandle, RunOptions } from './engine/engine.ts';
import type { HostRegistry } from './host-registry.ts';
import type { GivenWorkflow } from './given-workflows.ts';
import type { Guards } from './guard/verdict.ts';
import type { ConfigStatus } from './live-config.ts';
import type { CassetteOptions } from './model/cassette/cassette.ts';
import type { ModelMessage } from './model/model.ts';
import type { ModelSet } from './model/resolve.ts';
import type { HostNotice } from './notice.ts';
import type { PersonRequest } from './person/attend.ts';
import type { RunArchive } from './run-archive.ts';
import type { Sessions } from './session/contract.ts';
import type { CallerInput } from './tool-call/caller-input.ts';
import type { ApprovalPolicy, Asker } from './tool-call/policy.ts';
import type { Clock } from './trigger/clock.ts';
import type { Triggers } from './trigger/triggers.ts';
import type { AgentOutput } from './workflow/agent.ts';
import type { Attachment } from './workflow/attachment.ts';
import type { CompactOutput } from './workflow/compact.ts';
import type { QuoteOutput } from './workflow/quote.ts';
import type { Workflows } from './workflow/registered.ts';

export interface HostOptions {
  readonly config: Config;
  readonly homeFolder: string;
  readonly workingFolder: string;
  readonly env: Environment;
  readonly log: LogSink;
  /** Of the same config, where it was opened before; it ends with the host. */
  readonly opened?: HostRegistry;
  /** Puts tool calls to a person where the config's `approvals` ask. */
  readonly asker?: Asker;
  /**
   * What becomes of such calls without an asker. `wait`: the run waits until somebody answers, from whatever process; a
   * direct call ends, to be sent again. `deny`, by default: they are denied.
   */
  readonly onAsk?: 'wait' | 'deny';
  /** Who answers all of these questions with yes beforehand, such as `--yes`. A rule that denies still does. */
  readonly approveAll?: string;
  /** Decides in place of `approvals`, `asker` and `approveAll`. */
  readonly policy?: ApprovalPolicy;
  /**
   * Puts the question of a server or a workflow to a person. Without it those of servers are declined, and those of workflows
   * wait for an answer from elsewhere.
   */
  readonly elicit?: (request: PersonRequest) => Promise<JsonObject>;
  /**
   * Answers of models are replayed from a file and recorded to it, for tests without a network or a key. `file` counts from
   * the working folder. SWITCHYARD_CASSETTE and SWITCHYARD_CASSETTE_MODE of `env` do the same.
   */
  readonly cassette?: CassetteOptions & { readonly file: string };
  /** Where runs are journaled; in `state.db` of the home folder by default. */
  readonly journals?: Journals;
  /**
   * Models by alias, before those of the config: candidates, and routes and cascades of them. A cascade may bring a function
   * that says what is wrong with an answer.
   */
  readonly models?: Readonly<Record<string, ModelEntry>>;
  /** Workflows of the program around us, by the names that `run` takes; runs of them can be gone on with. */
  readonly workflows?: Workflows;
  /** Go on with runs of this config and folder whose own host is gone: for hosts that live long. */
  readonly adoptRuns?: boolean;
  /** How long a host must stand still before another takes its runs over; 10 s by default. One that died has none left. */
  readonly leaseMs?: number;
  /** Asks a person to accept what a changed config starts, reaches or allows; without it that waits. */
  readonly confirmConfig?: (question: TrustQuestion, signal: AbortSignal) => Promise<boolean>;
  /** Called with each config that takes the place of another, before it is used. */
  readonly onConfig?: (config: Config) => void;
  /** By which triggers know what time it is; that of the machine by default. */
  readonly clock?: Clock;
  /** Told each secret that a login to a server brings, before it is used: it may be written nowhere. */
  readonly onSecrets?: (secrets: readonly string[]) => void;
}

export interface Host extends AsyncDisposable {
  readonly registry: Registry;
  readonly engine: Engine;
  /** The path of every tool call, for engines of one's own. */
  readonly tools: ToolHandle;
  readonly guards: Guards;
  /** Conversations that are kept; `ask` with a session's id continues one. */
  readonly sessions: Sessions;
  /** Runs that are kept, to be deleted. */
  readonly archive: RunArchive;
  /** The config in use. */
  readonly config: Config;
  /** Whether the config's file is in use as it stands. */
  readonly configStatus: ConfigStatus;
  /**
   * Reads the config's file again. What changed is put to use where it changed; a fault in the file, or something that
   * a person has to accept first, leaves what was there before. Never rejects: see `notices` and `configStatus`.
   */
  reloadConfig(): Promise<void>;
  /** Puts a config to use that the caller answers for. Runs under way keep their limits and their models. */
  apply(config: Config): Promise<void>;
  /** Facts about the host that belong to no run, from now on; ends when the signal aborts or the host closes. */
  notices(signal?: AbortSignal): AsyncIterable<HostNotice>;
  /** The configured models, or what is in reach without configuration; looked for again when `models` changed. */
  models(): Promise<ModelSet>;
  /** Answers a request with a model, or with quotes where none is in reach. Rejects with HostError `unknown-model`. */
  ask(request: string, options?: AskOptions): Promise<RunHandle<AgentOutput | QuoteOutput>>;
  /** The workflows of the config and of the program around us. */
  readonly workflows: readonly GivenWorkflow[];
  /**
   * Starts a workflow of `workflows`. Rejects with HostErrors `unknown-workflow`, and `input-invalid` where it takes
   * something else; with a key like `Engine.startOnce`.
   */
  run(workflow: string, input: Json, options?: WorkflowRunOptions): Promise<RunHandle>;
  /**
   * Reduces what the next requests of a session carry: results become handles, earlier turns a summary. The history stays
   * whole. Rejects with HostError `unknown-model`.
   */
  compact(sessionId: string, options?: CompactOptions): Promise<RunHandle<CompactOutput>>;
  /** Goes on with a run, as `ask` would follow it. Rejects like `Engine.resume`. */
  resume(runId: string, options?: ResumeOptions): Promise<RunHandle>;
  /** Starts a run with the journal of another up to its row `atRow`. Rejects like `Engine.fork`. */
  fork(runId: string, atRow: number, change?: ForkRunOptions): Promise<RunHandle>;
  /** A resource of a server, or a stored result under `switchyard://results/…`; see Registry.read. */
  read(uri: string, options?: CallOptions): Promise<CallOutcome>;
  /** What starts runs by itself. */
  readonly triggers: Triggers;
  /** Resources and prompts for clients of ours. */
  readonly clients: ClientAccess;
  /** One tool call on the path that a model's calls take. */
  call(name: string, args: JsonObject, options?: CallRunOptions): RunHandle<ToolCallResult>;
}

export interface WorkflowRunOptions extends RunOptions {
  /**
   * Names this piece of work, within the config, the folder and the workflow. As long as a run of it is kept no other
   * begins: it is gone on with where it was left, and told as it ended where it has.
   */
  readonly key?: string;
}

export interface AskOptions extends RunOptions {
  /** An alias or `provider/model`; `default` where it is left out. */
  readonly model?: string;
  /** Of a caller that keeps the conversation itself: then that of `sessionId` is neither read nor added to. */
  readonly history?: readonly ModelMessage[];
  /** Read when the run begins, and given to the model with the request. A run that quotes leaves them out. */
  readonly attachments?: readonly Attachment[];
  /** False: nothing is recalled for this request, and nothing of it is remembered. */
  readonly memory?: boolean;
}

export interface ForkRunOptions extends Omit<ForkChange, 'input'> {
  /** In place of the request of the other run. */
  readonly request?: string;
  /** In place of its model: an alias or `provider/model`. */
  readonly model?: string;
}

export interface CompactOptions extends Omit<RunOptions, 'sessionId'> {
  /** An alias or `provider/model`; `default` where it is left out. */
  readonly model?: string;
}

export interface CallRunOptions extends RunOptions {
  /** How long to wait for an answer, in place of the server's own limit. */
  readonly timeoutMs?: number;
  /** Sent along as `_meta`. */
  readonly meta?: JsonObject;
  /** See ToolCallRequest. */
  readonly forClient?: boolean;
  /** Answers what servers ask during the call, where it can. */
  readonly caller?: CallerInput;
}
