/** The composition root: the only place that constructs. */
import type { Config } from '../config/config.ts';
import { embedderFolder, type Environment } from '../config/environment.ts';
import type { TrustQuestion } from '../config/trust.ts';
import { packageVersion } from '../config/package-version.ts';
import { HostError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Embedder } from '../embedding/contract.ts';
import { openRegistry } from '../registry/index.ts';
import type { CallOptions, CallOutcome, InputRequest, LogSink, Registry } from '../registry/contract.ts';
import { createModelHandle } from './agent/model-call.ts';
import { createToolSearch } from './agent/tool-offer.ts';
import { createApprovalPolicy } from './approval/approval-policy.ts';
import { createPreview } from './approval/preview.ts';
import { createRememberedApprovals } from './approval/remembered.ts';
import { strictestOf } from './approval/rules.ts';
import type { ToolCallResult, ToolHandle } from './context.ts';
import type { Engine, Journals, RunHandle, RunOptions } from './engine/engine.ts';
import { createEngine } from './engine/local-engine.ts';
import { MemoryJournals } from './engine/memory.ts';
import { latest } from './latest.ts';
import { LazyState } from './lazy-state.ts';
import { type ConfigStatus, LiveConfig } from './live-config.ts';
import { createConfiguredGuards } from './guard/configured-guards.ts';
import type { Embed } from './guard/topics.ts';
import type { Guards } from './guard/verdict.ts';
import { createHostMemory } from './memory/host-memory.ts';
import type { ModelMessage } from './model/model.ts';
import type { LocalEngines } from './model/local-engine.ts';
import type { ModelSet } from './model/resolve.ts';
import { ModelLookup } from './model-lookup.ts';
import type { HostNotice } from './notice.ts';
import { knownSecrets } from './secret/known.ts';
import { createLearningRedactor } from './secret/learning-redactor.ts';
import { readStoredResource } from './result/read-resource.ts';
import { isResultHandle } from './result/result-uri.ts';
import { createResultTools } from './result/result-tools.ts';
import { createResultStore } from './result/store.ts';
import type { Sessions } from './session/contract.ts';
import { SessionEndings } from './session/session-endings.ts';
import { createSessionStore } from './session/store.ts';
import { runEventLogger } from './telemetry/run-log.ts';
import type { ApprovalPolicy, Asker } from './tool-call/policy.ts';
import { createReadResource } from './tool-call/read-resource.ts';
import { createToolHandle } from './tool-call/tool-call.ts';
import { type AgentInput, type AgentOutput, agentWorkflow } from './workflow/agent.ts';
import { type Attachment, createAttach } from './workflow/attachment.ts';
import { callWorkflow } from './workflow/call.ts';
import { type CompactOutput, compactWorkflow } from './workflow/compact.ts';
import { agentInstructions } from './workflow/instructions.ts';
import { type QuoteOutput, quoteWorkflow } from './workflow/quote.ts';
import { singleToolWorkflow } from './workflow/single-tool.ts';

export interface HostOptions {
  readonly config: Config;
  readonly homeFolder: string;
  readonly workingFolder: string;
  readonly env: Environment;
  readonly log: LogSink;
  /** Puts tool calls to a person where the config's `approvals` ask; without it such calls are denied. */
  readonly asker?: Asker;
  /** Who answers all of these questions with yes beforehand, such as `--yes`. A rule that denies still does. */
  readonly approveAll?: string;
  /** Decides in place of `approvals`, `asker` and `approveAll`. */
  readonly policy?: ApprovalPolicy;
  /** Puts a server's question to a person; without it such questions are declined. */
  readonly elicit?: (request: InputRequest) => Promise<JsonObject>;
  /** Where runs are journaled; in memory by default. */
  readonly journals?: Journals;
  /** Asks a person to accept what a changed config starts, reaches or allows; without it that waits. */
  readonly confirmConfig?: (question: TrustQuestion, signal: AbortSignal) => Promise<boolean>;
  /** Called with each config that takes the place of another, before it is used. */
  readonly onConfig?: (config: Config) => void;
}

export interface Host extends AsyncDisposable {
  readonly registry: Registry;
  readonly engine: Engine;
  /** The path of every tool call, for engines of one's own. */
  readonly tools: ToolHandle;
  readonly guards: Guards;
  /** Conversations that are kept; `ask` with a session's id continues one. */
  readonly sessions: Sessions;
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
  /**
   * Reduces what the next requests of a session carry: results become handles, earlier turns a summary. The history stays
   * whole. Rejects with HostError `unknown-model`.
   */
  compact(sessionId: string, options?: CompactOptions): Promise<RunHandle<CompactOutput>>;
  /** A resource of a server, or a stored result under `switchyard://results/…`; see Registry.read. */
  read(uri: string, options?: CallOptions): Promise<CallOutcome>;
  /** One tool call on the path that a model's calls take. */
  call(name: string, args: JsonObject, options?: CallRunOptions): RunHandle<ToolCallResult>;
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

export interface CompactOptions extends Omit<RunOptions, 'sessionId'> {
  /** An alias or `provider/model`; `default` where it is left out. */
  readonly model?: string;
}

export interface CallRunOptions extends RunOptions {
  /** How long to wait for an answer, in place of the server's own limit. */
  readonly timeoutMs?: number;
}

export async function createHost(options: HostOptions): Promise<Host> {
  const { homeFolder, env, log } = options;
  const redactor = createLearningRedactor({ known: knownSecrets(options.config, env) });
  const registry = await openRegistry({
    servers: options.config.servers,
    homeFolder,
    maxNameLength: options.config.maxNameLength,
    clientInfo: { name: 'switchyard', version: packageVersion() },
    log,
    redact: (value) => redactor.value(value),
  });
  const live = new LiveConfig({
    ...options,
    ...(options.confirmConfig ? { confirm: options.confirmConfig } : {}),
    async adopt(config) {
      // Before anything of it can be told.
      redactor.learn(knownSecrets(config, env));
      options.onConfig?.(config);
      await registry.update(config);
    },
  });
  const state = new LazyState(homeFolder);
  const policy = options.policy ?? createPolicy(options, live, registry, state);
  const localEngines = new LazyEngines(homeFolder);
  const lookup = new ModelLookup(
    latest(
      () => live.current.models,
      (models) => resolve(models, options, localEngines),
    ),
  );
  const embedder = createLazyEmbedder(options);
  const guards = createConfiguredGuards({
    settings: () => live.current.guards,
    redactor,
    policy,
    embed: embedder.embed,
    isMemory: (name) =>
      live.current.servers.some(
        (server) => server.name === name && server.type === 'stdio' && server.builtin === 'memory',
      ),
  });
  const results = createResultStore({ homeFolder, state: () => state.open() });
  const maxResultTokens = (): number => live.current.maxResultTokens;
  const resultTools = createResultTools({ results });
  const tools = createToolHandle({
    registry,
    policy,
    guards,
    hostTools: [createToolSearch(registry), ...resultTools],
    input: {
      policy,
      ...(options.elicit ? { elicit: options.elicit } : {}),
      model: () => lookup.found('default'),
      roots: [options.workingFolder],
    },
    results,
    maxResultTokens,
  });
  const engine = createEngine({
    journals: options.journals ?? new MemoryJournals(),
    model: (context, alias) => createModelHandle(context, lookup.known(alias, context.run.id), guards),
    tools,
    redact: (value) => guards.redact(value),
  });
  const sessions = createSessionStore({
    state: () => state.open(),
    project: options.workingFolder,
    redact: (value) => guards.redact(value),
    forget: (sessionId) => memory.forgetSession(sessionId),
    sweepResults: () => results.sweep(),
  });
  const logging = new Set<Promise<void>>();
  const logged = <Handle extends RunHandle>(handle: Handle): Handle => {
    const written = runEventLogger(log)(handle.storedEvents()).finally(() => logging.delete(written));
    logging.add(written);
    return handle;
  };
  const memory = createHostMemory({
    config: () => live.current,
    registry,
    state: () => state.open(),
    project: options.workingFolder,
    lookup,
    redact: (value) => guards.redact(value),
    engine: () => engine,
    logged,
    log,
  });
  const agent = agentWorkflow({
    instructions: () =>
      agentInstructions({
        workingFolder: options.workingFolder,
        today: new Date(),
        servers: registry.servers(),
      }),
    guards,
    attach: createAttach({
      registry,
      readResource: createReadResource({
        registry,
        guards,
        results,
        maxResultTokens,
      }),
    }),
    sessions,
    memory: memory.server,
  });
  const quote = quoteWorkflow(guards, sessions);
  const compact = compactWorkflow(sessions);
  const singleTool = singleToolWorkflow(guards, sessions);

  const endings = new SessionEndings(sessions, log);
  return {
    registry,
    engine,
    tools,
    guards,
    get config() {
      return live.current;
    },
    get configStatus() {
      return live.status;
    },
    reloadConfig: () => live.reload(),
    apply: (config) => live.apply(config),
    notices: (signal) => live.notices(signal),
    models: () => lookup.all(),
    sessions,
    async ask(request, options = {}) {
      const {
        model = 'default',
        history,
        attachments = [],
        memory: withMemory = true,
        ...runOptions
      } = options;
      const sessionId = history === undefined ? runOptions.sessionId : undefined;
      // A run of a session begins behind the end of the one before it.
      if (sessionId !== undefined) await endings.settled(sessionId);
      const models = await lookup.all();
      const withBudget = { ...runOptions, budget: { ...live.current.budget, ...runOptions.budget } };
      const followed = <Handle extends RunHandle<AgentOutput | QuoteOutput>>(handle: Handle): Handle => {
        if (sessionId !== undefined) endings.follow(handle, sessionId);
        return logged(handle);
      };
      const found = models.get(model);
      if (!found) return followed(engine.start(quote, { request }, withBudget));
      // Memory is the person's own: who else asks is told nothing of it and adds nothing to it.
      const isPerson = runOptions.actor === undefined || runOptions.actor === 'person';
      const recall = withMemory && isPerson ? memory.recallLimits() : undefined;
      const remembered = <Handle extends RunHandle<AgentOutput>>(handle: Handle): Handle => {
        lookup.keep(handle, models);
        if (recall !== undefined) memory.remembering.follow(handle, sessionId);
        return followed(handle);
      };
      if (found.limits.toolUse === 'single') {
        const kept = history === undefined ? {} : { history };
        const input = { request, model, attachments: attachments.length, ...kept };
        return remembered(engine.start(singleTool, input, withBudget));
      }
      const input: AgentInput = {
        request,
        model,
        attachments,
        ...(history === undefined ? {} : { history }),
        ...(recall === undefined ? {} : { recall }),
      };
      return remembered(engine.start(agent, input, withBudget));
    },
    read: (uri, callOptions = {}) =>
      isResultHandle(uri)
        ? readStoredResource(results, uri, { actor: 'person' })
        : registry.read(uri, callOptions),
    async compact(sessionId, { model = 'default', ...runOptions } = {}) {
      await endings.settled(sessionId);
      const models = await lookup.all();
      if (!models.get(model))
        throw new HostError('unknown-model', `There is no model "${model}" that could sum up.`);
      const budget = { ...live.current.budget, ...runOptions.budget };
      const handle = engine.start(compact, { model }, { ...runOptions, sessionId, budget });
      lookup.keep(handle, models);
      return logged(handle);
    },
    call(name, args, { timeoutMs, ...runOptions } = {}) {
      // A call has the time limit of its server, which progress extends, and not that of a run.
      const { timeoutMs: _, ...limits } = live.current.budget;
      const budget = { ...limits, ...runOptions.budget };
      const input = { name, arguments: args, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
      return logged(engine.start(callWorkflow, input, { ...runOptions, budget }));
    },
    async [Symbol.asyncDispose]() {
      await live[Symbol.asyncDispose]();
      await memory.remembering.close();
      await engine[Symbol.asyncDispose]();
      await Promise.all([...logging, endings.settled()]);
      await registry[Symbol.asyncDispose]();
      await embedder[Symbol.asyncDispose]();
      await localEngines[Symbol.asyncDispose]();
      state[Symbol.dispose]();
    },
  };
}

/** One process for whoever needs vectors, opened at the first use. */
function createLazyEmbedder({ homeFolder, env }: HostOptions): AsyncDisposable & { readonly embed: Embed } {
  let opened: Promise<Embedder> | undefined;
  const open = async (): Promise<Embedder> => {
    const { openEmbedder } = await import('../embedding/index.ts');
    return openEmbedder({ homeFolder, folder: embedderFolder(homeFolder, env) });
  };
  return {
    embed: async (texts, signal) => {
      opened ??= open();
      return (await opened).embed(texts, { signal });
    },
    async [Symbol.asyncDispose]() {
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}

function createPolicy(
  options: HostOptions,
  live: LiveConfig,
  registry: Registry,
  state: LazyState,
): ApprovalPolicy {
  const { asker, approveAll, log } = options;
  return createApprovalPolicy({
    rules: strictestOf(() => live.approvals),
    ...(asker ? { asker } : {}),
    ...(approveAll === undefined ? {} : { approveAll }),
    remembered: createRememberedApprovals({ state: () => state.open(), project: options.workingFolder, log }),
    preview: createPreview({
      registry,
      builtin: (name) => {
        const definition = live.current.servers.find((server) => server.name === name);
        return definition?.type === 'stdio' ? definition.builtin : undefined;
      },
    }),
  });
}

/** Loaded when a run first needs a model: listing tools does not. */
async function resolve(
  configured: Config['models'],
  { env, homeFolder }: Pick<HostOptions, 'env' | 'homeFolder'>,
  localEngines: LazyEngines,
): Promise<ModelSet> {
  const { resolveModels } = await import('./model/resolve.ts');
  return resolveModels({ configured, env, local: { homeFolder, engines: await localEngines.open() } });
}

/** Models in this process, kept for as long as the host, whatever the config makes of them meanwhile. */
class LazyEngines implements AsyncDisposable {
  readonly #homeFolder: string;
  #engines: Promise<LocalEngines> | undefined;

  constructor(homeFolder: string) {
    this.#homeFolder = homeFolder;
  }

  open(): Promise<LocalEngines> {
    this.#engines ??= this.#load();
    return this.#engines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#engines)?.[Symbol.asyncDispose]();
  }

  async #load(): Promise<LocalEngines> {
    const { createLocalEngines } = await import('./model/local-engine.ts');
    const { loadLlamaModule } = await import('./model/local-runtime.ts');
    return createLocalEngines(() => loadLlamaModule(this.#homeFolder));
  }
}
