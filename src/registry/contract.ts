import type { Naming } from '../config/config.ts';
import type { Json, JsonObject } from '../json.ts';
import type { LoginOptions, LoginResult, LogoutResult } from './login-contract.ts';
import type {
  ClientKey,
  RegistrySession,
  ServerMessage,
  SessionOptions,
  SubscribeOptions,
} from './session-contract.ts';
import type { ServerStatus } from './status-contract.ts';

export type * from './session-contract.ts';
export type * from './login-contract.ts';
export type * from './status-contract.ts';

/** What the registry offers the host. Implemented by `openRegistry` in index.ts. */
export interface Registry extends AsyncDisposable {
  /** A snapshot, stably ordered by server and name; answers before servers are up from the persisted snapshots. */
  catalog(): Catalog;
  /** How the names in the catalog are made. */
  readonly naming: Naming;
  /**
   * Resolves when every enabled server (or those named) whose entries are unknown, or all of them with `fresh`, has
   * answered or failed. Never rejects for a server's failure: look at `servers()`.
   */
  ready(options?: ReadyOptions): Promise<void>;
  /** Servers of which nothing is known, and which may have an entry that is called so. */
  unlisted(name: string): readonly ServerStatus[];
  /** Ends when the signal aborts or the registry closes. */
  changes(signal?: AbortSignal): AsyncIterable<CatalogChange>;
  /** The best tools for a request, best first. */
  search(query: string, options?: SearchOptions): readonly ToolHit[];
  /** Sends a tool call once, never again. Expected failures are values; rejects only for a bug, and with what `onSend` throws. */
  call(name: string, args: JsonObject, options: CallOptions): Promise<CallOutcome>;
  read(uri: string, options: CallOptions): Promise<CallOutcome>;
  prompt(name: string, args: Readonly<Record<string, string>>, options: CallOptions): Promise<CallOutcome>;
  complete(
    reference: CompletionReference,
    argument: CompletionArgument,
    options: CallOptions,
  ): Promise<Completion>;
  /** Yields at each change of the resource; ends when the signal aborts. */
  subscribe(uri: string, signal: AbortSignal, options?: SubscribeOptions): AsyncIterable<ResourceChange>;
  /** What servers log for their client, from now on; ends when the signal aborts or the registry closes. */
  messages(signal?: AbortSignal): AsyncIterable<ServerMessage>;
  /** A session of a client, by a key that is given with its calls. To be closed when the client goes. */
  openSession(key: string, options?: SessionOptions): RegistrySession;
  servers(): readonly ServerStatus[];
  /**
   * The URI under which what a server calls by `uri` is read here. One that is neither listed nor of a template, such as a
   * link in a result, is known to be that server's from then on.
   */
  shownUri(server: string, uri: string): string;
  /** Which server is asked for a URI, and what that server calls it. */
  ownerOf(uri: string): { readonly server: string; readonly uri: string } | undefined;
  /**
   * Logs in to a remote server and connects it. Rejects with a HostError that says what to do: `unknown-server`,
   * `login-not-needed`, `login-refused`, `login-failed`, `login-timeout`, `redirect-port` or `cancelled`.
   */
  login(server: string, options: LoginOptions): Promise<LoginResult>;
  /** Revokes and deletes what a login left. Rejects with HostError `unknown-server`. */
  logout(server: string, signal?: AbortSignal): Promise<LogoutResult>;
  /**
   * Takes other definitions. A server whose launch fields are equal goes on as it is, with its process and its calls;
   * one whose launch fields differ, or that is gone or disabled, ends in stages, and its calls end as when the registry
   * closes. The catalog is the new one when this returns; the promise resolves when those servers have stopped.
   */
  update(change: RegistryUpdate): Promise<void>;
}

export interface RegistryUpdate {
  readonly servers: RegistryOptions['servers'];
  /** As they are where they are left out. */
  readonly naming?: Naming;
  readonly maxNameLength?: number;
}

export interface ReadyOptions {
  readonly servers?: readonly string[];
  /** Connect even where a snapshot exists, and list again. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
}

export interface Catalog {
  /** Changes exactly when the entries change; the same entries give the same revision. */
  readonly revision: string;
  readonly tools: readonly ToolEntry[];
  readonly resources: readonly ResourceEntry[];
  readonly resourceTemplates: readonly ResourceTemplateEntry[];
  readonly prompts: readonly PromptEntry[];
}

export interface ToolEntry {
  /** As shown: at most `maxNameLength` characters of `[A-Za-z0-9_-]`, unique in the catalog; `server__tool` unless `naming` is bare. */
  readonly name: string;
  /** `server__tool`, where `name` is the server's own. It is understood like `name`, and nothing else is called so. */
  readonly prefixedName?: string;
  readonly server: string;
  /** The server's own definition with every field it sent; `definition.name` is the server's name for it. */
  readonly definition: ToolDefinition;
  /** True where the config trusts this server's annotations (built-in and local command servers by default). */
  readonly annotationsTrusted: boolean;
}

export type ToolDefinition = JsonObject & {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  readonly annotations?: ToolAnnotations;
};

export type ToolAnnotations = JsonObject & {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
};

export interface ResourceEntry {
  /** As shown to the outside: the server's own URI unless two servers offer the same one. */
  readonly uri: string;
  readonly server: string;
  readonly definition: JsonObject;
}

export interface ResourceTemplateEntry {
  readonly uriTemplate: string;
  readonly server: string;
  readonly definition: JsonObject;
}

export interface PromptEntry {
  /** Under the rules of tool names. */
  readonly name: string;
  readonly prefixedName?: string;
  readonly server: string;
  readonly definition: JsonObject;
}

export interface CatalogChange {
  readonly server: string;
  readonly kind: 'tools' | 'resources' | 'prompts' | 'status';
  readonly revision: string;
}

export interface SearchOptions {
  /** 5 by default. */
  readonly limit?: number;
  readonly servers?: readonly string[];
}

export interface ToolHit {
  readonly entry: ToolEntry;
  readonly score: number;
}

export interface CallOptions {
  /** For which client it is; the host itself where it is left out. */
  readonly client?: ClientKey;
  readonly signal?: AbortSignal;
  /** 60 s by default or the server's `timeoutMs`; each progress notification starts it afresh. */
  readonly timeoutMs?: number;
  /** Passed upstream as `_meta`, progress token excepted. */
  readonly meta?: JsonObject;
  /**
   * What servers of the modern era are told with this call that their client can be asked. By default all that there is; those
   * of the other one were told so when they were connected.
   */
  readonly clientCapabilities?: JsonObject;
  /** A refusal until a person has been at a URL becomes a question, as the modern era has it. */
  readonly asksForUrls?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Called once for each request, immediately before it is handed to the transport. Where it throws, nothing is sent, and
   * the operation rejects with what it threw.
   */
  readonly onSend?: () => void;
  /** Answers a server's elicitation, sampling or roots request made while this call runs. */
  readonly onInput?: InputHandler;
  /**
   * Who sends the further rounds of a multi-round-trip request: the registry by default, with what `onInput` answers; the
   * `caller` gets each `input-required` as an outcome, also where `onInput` answers what a legacy server asks.
   */
  readonly inputRounds?: 'registry' | 'caller';
  /** Multi-round-trip requests of the modern era: answers to an earlier `input-required` outcome. */
  readonly inputResponses?: JsonObject;
  readonly requestState?: string;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/**
 * complete: the server answered (for tools: without `isError`); tool-error: it answered with `isError`, or refused
 * before doing anything, or we refused to send; uncertain: the request left and no answer came.
 * `result` is the server's own answer, unknown fields kept.
 */
export type CallOutcome =
  | { readonly type: 'complete'; readonly result: JsonObject }
  | {
      readonly type: 'input-required';
      readonly inputRequests: JsonObject;
      readonly requestState?: string;
      readonly result: JsonObject;
    }
  | {
      readonly type: 'tool-error';
      readonly code: string;
      readonly message: string;
      readonly result?: JsonObject;
    }
  | {
      readonly type: 'uncertain';
      readonly cause: 'timeout' | 'connection-lost' | 'cancelled' | 'message-too-large' | 'invalid-answer';
      readonly message: string;
      readonly sentAtMs: number;
    };

/** A request that a server makes of its client (spec: client/elicitation, client/sampling, client/roots). */
export interface InputRequest {
  readonly server: string;
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: JsonObject;
  readonly signal: AbortSignal;
}

/** Resolves to the protocol's own result object for the method (for example `{ action: 'decline' }`). */
export type InputHandler = (request: InputRequest) => Promise<JsonObject>;

export type CompletionReference =
  | { readonly type: 'prompt'; readonly name: string }
  | { readonly type: 'resource'; readonly uriTemplate: string };

export interface CompletionArgument {
  readonly name: string;
  readonly value: string;
  readonly context?: Readonly<Record<string, string>>;
}

export interface Completion {
  readonly values: readonly string[];
  readonly total?: number;
  readonly hasMore?: boolean;
}

export interface ResourceChange {
  readonly uri: string;
}

/** One structured fact for the log: fields, not sentences. Values must hold no secret. */
export interface LogEntry {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly component: string;
  readonly event: string;
  readonly server?: string;
  readonly run?: string;
  readonly step?: string;
  readonly fields?: { readonly [key: string]: Json };
}

export type LogSink = (entry: LogEntry) => void;

export interface RegistryOptions {
  readonly servers: readonly import('../config/server-definition.ts').ServerDefinition[];
  /** SWITCHYARD_HOME: snapshots go to `catalog/`, records of child process groups to `processes/`. */
  readonly homeFolder: string;
  /** `prefixed` by default. */
  readonly naming?: Naming;
  /** 47 by default. */
  readonly maxNameLength?: number;
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** 256 MB by default. */
  readonly maxMessageBytes?: number;
  /** 30 s by default: how long a server may take for its handshake, and again for each list. */
  readonly connectTimeoutMs?: number;
  /** Of servers with `isolation: "session"`: connections at once, 100 by default, and how long an unused one lives, 30 min. */
  readonly sessionLimits?: { readonly most?: number; readonly idleMs?: number; readonly yieldMs?: number };
  readonly log: LogSink;
  /** Takes secrets out of what servers say about themselves, before it is kept or told. */
  readonly redact?: <Value extends import('../json.ts').JsonObject>(value: Value) => Value;
  /** Told each secret that a login brings, before it is used, so that it can be kept out of whatever is written. */
  readonly onSecrets?: (secrets: readonly string[]) => void;
  /** Answers servers' requests that no call in flight can be held responsible for. Without it they are declined. */
  readonly onInput?: InputHandler;
}
