/** The composition root: the only place that constructs. */
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { packageVersion } from '../config/package-version.ts';
import { HostError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { openRegistry } from '../registry/index.ts';
import type { InputRequest, LogSink, Registry } from '../registry/contract.ts';
import { createModelHandle } from './agent/model-call.ts';
import { createToolSearch } from './agent/tool-offer.ts';
import { createApprovalPolicy } from './approval/approval-policy.ts';
import { createPreview } from './approval/preview.ts';
import { createRememberedApprovals } from './approval/remembered.ts';
import { compileRules, type Rules } from './approval/rules.ts';
import type { ToolCallResult, ToolHandle } from './context.ts';
import type { Engine, Journals, RunHandle, RunOptions } from './engine/engine.ts';
import { createEngine } from './engine/local-engine.ts';
import { MemoryJournals } from './engine/memory.ts';
import { LazyState } from './lazy-state.ts';
import { createGuards } from './guard/pipeline.ts';
import { createSecretStream } from './guard/secret-stream.ts';
import type { Guards } from './guard/verdict.ts';
import type { Model, ModelMessage } from './model/model.ts';
import type { ModelSet } from './model/resolve.ts';
import { knownSecrets } from './secret/known.ts';
import { createRedactor } from './secret/redactor.ts';
import { createResultTools } from './result/result-tools.ts';
import { createResultStore } from './result/store.ts';
import { runEventLogger } from './telemetry/run-log.ts';
import type { ApprovalPolicy, Asker } from './tool-call/policy.ts';
import { createReadResource } from './tool-call/read-resource.ts';
import { createToolHandle } from './tool-call/tool-call.ts';
import { type AgentInput, type AgentOutput, agentWorkflow } from './workflow/agent.ts';
import { type Attachment, createAttach } from './workflow/attachment.ts';
import { callWorkflow } from './workflow/call.ts';
import { agentInstructions } from './workflow/instructions.ts';
import { type QuoteOutput, quoteWorkflow } from './workflow/quote.ts';

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
}

export interface Host extends AsyncDisposable {
  readonly registry: Registry;
  readonly engine: Engine;
  /** The path of every tool call, for engines of one's own. */
  readonly tools: ToolHandle;
  readonly guards: Guards;
  /** The configured models, or what is in reach without configuration; looked for once. */
  models(): Promise<ModelSet>;
  /** Answers a request with a model, or with quotes where none is in reach. Rejects with HostError `unknown-model`. */
  ask(request: string, options?: AskOptions): Promise<RunHandle<AgentOutput | QuoteOutput>>;
  /** One tool call on the path that a model's calls take. */
  call(name: string, args: JsonObject, options?: CallRunOptions): RunHandle<ToolCallResult>;
}

export interface AskOptions extends RunOptions {
  /** An alias or `provider/model`; `default` where it is left out. */
  readonly model?: string;
  readonly history?: readonly ModelMessage[];
  /** Read when the run begins, and given to the model with the request. A run that quotes leaves them out. */
  readonly attachments?: readonly Attachment[];
}

export interface CallRunOptions extends RunOptions {
  /** How long to wait for an answer, in place of the server's own limit. */
  readonly timeoutMs?: number;
}

export async function createHost(options: HostOptions): Promise<Host> {
  const { config, log } = options;
  const registry = await openRegistry({
    servers: config.servers,
    homeFolder: options.homeFolder,
    maxNameLength: config.maxNameLength,
    clientInfo: { name: 'switchyard', version: packageVersion() },
    log,
  });
  const state = new LazyState(options.homeFolder);
  const policy = options.policy ?? createPolicy(options, registry, state);
  const lookup = createModelLookup(options);
  const guards = createHostGuards(options, policy);
  const results = createResultStore({ homeFolder: options.homeFolder, state: () => state.open() });
  const resultTools = createResultTools({ results, maxTokens: config.maxResultTokens });
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
    maxResultTokens: config.maxResultTokens,
  });
  const engine = createEngine({
    journals: options.journals ?? new MemoryJournals(),
    model: (context, alias) => createModelHandle(context, lookup.known(alias), guards),
    tools,
    redact: (value) => guards.redact(value),
  });
  const agent = agentWorkflow(
    () =>
      agentInstructions({
        workingFolder: options.workingFolder,
        today: new Date(),
        servers: registry.servers(),
      }),
    guards,
    createAttach({
      registry,
      readResource: createReadResource({
        registry,
        guards,
        results,
        maxResultTokens: config.maxResultTokens,
      }),
    }),
  );
  const quote = quoteWorkflow(guards);
  const logging = new Set<Promise<void>>();
  const logged = <Handle extends RunHandle>(handle: Handle): Handle => {
    const written = runEventLogger(log)(handle.storedEvents()).finally(() => logging.delete(written));
    logging.add(written);
    return handle;
  };

  return {
    registry,
    engine,
    tools,
    guards,
    models: lookup.all,
    async ask(request, { model = 'default', history = [], attachments = [], ...runOptions } = {}) {
      const withBudget = { ...runOptions, budget: { ...config.budget, ...runOptions.budget } };
      if (await lookup.find(model)) {
        const input: AgentInput = { request, model, history, attachments };
        return logged(engine.start(agent, input, withBudget));
      }
      return logged(engine.start(quote, { request }, withBudget));
    },
    call(name, args, { timeoutMs, ...runOptions } = {}) {
      // A call has the time limit of its server, which progress extends, and not that of a run.
      const { timeoutMs: _, ...limits } = config.budget;
      const budget = { ...limits, ...runOptions.budget };
      const input = { name, arguments: args, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
      return logged(engine.start(callWorkflow, input, { ...runOptions, budget }));
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await Promise.all(logging);
      await registry[Symbol.asyncDispose]();
      state[Symbol.dispose]();
    },
  };
}

/** Secrets that are known, rules and shapes; guards themselves are loaded when a run first needs them. */
function createHostGuards({ config, env }: HostOptions, policy: ApprovalPolicy): Guards {
  const redactor = createRedactor({ known: knownSecrets(config, env) });
  return createGuards({
    guards: async () => (await import('./guard/load-guards.ts')).loadGuards({ redactor }),
    redact: (value) => redactor.value(value),
    filter: () => createSecretStream(redactor.detector),
    ask: async (
      { stage, guard, question, reason, name = `guard/${stage}`, server = 'switchyard' },
      signal,
    ) => {
      const traits = { readOnly: false, destructive: false, idempotent: false, openWorld: true };
      const asked = { name, ownName: name, server, traits, arguments: {}, mustAsk: reason, signal };
      return (await policy.decide({ ...asked, title: `${guard}: ${question}` })).decision === 'allowed';
    },
  });
}

function createPolicy(options: HostOptions, registry: Registry, state: LazyState): ApprovalPolicy {
  const { config, asker, approveAll, log } = options;
  let rules: Promise<Rules> | undefined;
  return createApprovalPolicy({
    rules: () => {
      rules ??= compileRules(config.approvals);
      return rules;
    },
    ...(asker ? { asker } : {}),
    ...(approveAll === undefined ? {} : { approveAll }),
    remembered: createRememberedApprovals({ state: () => state.open(), project: options.workingFolder, log }),
    preview: createPreview({
      registry,
      builtin: (name) => {
        const definition = config.servers.find((server) => server.name === name);
        return definition?.type === 'stdio' ? definition.builtin : undefined;
      },
    }),
  });
}

/** Models by alias or id. What a run asks for synchronously was found when the run was started. */
function createModelLookup(options: HostOptions) {
  let resolving: Promise<ModelSet> | undefined;
  let resolved: ModelSet | undefined;
  const all = (): Promise<ModelSet> => {
    resolving ??= resolve(options).then((set) => {
      resolved = set;
      return set;
    });
    return resolving;
  };
  const found = (name: string): Model | undefined => resolved?.get(name);
  return {
    all,
    found,
    find: async (name: string): Promise<Model | undefined> => (await all()).get(name),
    known(name: string): Model {
      const model = found(name);
      if (!model) throw new HostError('unknown-model', `There is no model "${name}".`);
      return model;
    },
  };
}

/** Loaded when a run first needs a model: listing tools does not. */
async function resolve({ config, env }: HostOptions): Promise<ModelSet> {
  const { resolveModels } = await import('./model/resolve.ts');
  return resolveModels({ configured: config.models, env });
}
