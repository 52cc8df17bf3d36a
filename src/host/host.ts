/** The composition root: the only place that constructs. */
import { packageVersion } from '../config/package-version.ts';
import { InFlight } from '../in-flight.ts';
import type { Host, HostOptions } from './contract.ts';
import { GivenWorkflows } from './given-workflows.ts';
import { openHostRegistry } from './host-registry.ts';
import { createModelHandle } from './agent/model-call.ts';
import { createToolSearch } from './agent/tool-offer.ts';
import { createApprovals } from './approvals.ts';
import { createClientAccess } from './client-access.ts';
import { createClientRuns } from './client-run/client-runs.ts';
import { builtinOf } from './builtin-server.ts';
import type { RunHandle } from './engine/engine.ts';
import { createEffectSettings } from './effects.ts';
import { createEngine } from './engine/local-engine.ts';
import { Adopter } from './engine/durable/adopter.ts';
import { DurableJournals } from './engine/durable/durable-journals.ts';
import { createSpending } from './engine/spending/run-spending.ts';
import { latest } from './latest.ts';
import { createLazyEmbedder } from './lazy-embedder.ts';
import { LazyState } from './lazy-state.ts';
import { LiveConfig } from './live-config.ts';
import { createConfiguredGuards } from './guard/configured-guards.ts';
import { createHostMemory } from './memory/host-memory.ts';
import { LazyEngines, resolveConfigured } from './lazy-models.ts';
import { ProviderGates } from './model/provider-gates.ts';
import { LatencyBook } from './model/routing/latency-book.ts';
import { UNASKED_MODEL } from './model/unasked-model.ts';
import { ModelLookup } from './model-lookup.ts';
import { knownSecrets, modelSecrets } from './secret/known.ts';
import { attendQuestions } from './person/attend.ts';
import { Retention } from './retention.ts';
import { createRunArchive } from './run-archive.ts';
import { readStoredResource } from './result/read-resource.ts';
import { isResultHandle } from './result/result-uri.ts';
import { createResultTools } from './result/result-tools.ts';
import { createResultStore } from './result/store.ts';
import { createOwnWorkflows } from './own-workflows.ts';
import { createRuns, limitsOfWorkflow } from './runs.ts';
import { SessionEndings } from './session/session-endings.ts';
import { createSessionStore } from './session/store.ts';
import { runEventLogger } from './telemetry/run-log.ts';
import type { CallerInput } from './tool-call/caller-input.ts';
import type { InputOptions } from './tool-call/input.ts';
import { createToolHandle } from './tool-call/tool-call.ts';
import { createToolListStore } from './tool-list-store.ts';
import { createTriggers } from './trigger/triggers.ts';

export type * from './contract.ts';

export async function createHost(options: HostOptions): Promise<Host> {
  const { homeFolder, env, log } = options;
  const { registry, redactor } = options.opened ?? (await openHostRegistry(options));
  const ownSecrets = modelSecrets(options.models ?? {});
  redactor.learn(ownSecrets);
  options.onSecrets?.(ownSecrets);
  const live = new LiveConfig({
    ...options,
    ...(options.confirmConfig ? { confirm: options.confirmConfig } : {}),
    async adopt(config) {
      // Before anything of it can be told.
      redactor.learn(knownSecrets(config, env));
      options.onConfig?.(config);
      await registry.update(config);
      given.use(config);
      await triggers.use(config);
    },
  });
  const state = new LazyState(homeFolder, () => live.current.runs);
  const { policy, approvals, rules } = createApprovals(options, live, registry, state, {
    redact: (text) => redactor.value({ text }).text,
    engine: () => engine,
  });
  const localEngines = new LazyEngines(homeFolder);
  const latencies = new LatencyBook();
  const gates = new ProviderGates((name) => live.current.modelLimits?.[name]);
  const lookup = new ModelLookup(
    latest(
      () => live.current.models,
      (models) =>
        resolveConfigured({ ...models, ...options.models }, options, {
          localEngines,
          gates,
          latencies,
          secrets: () => [...knownSecrets(live.current, env), ...ownSecrets],
        }),
    ),
  );
  const embedder = createLazyEmbedder(options);
  const guards = createConfiguredGuards({
    settings: () => live.current.guards,
    redactor,
    policy,
    embed: embedder.embed,
    isMemory: (name) => builtinOf(live.current, name) === 'memory',
  });
  const results = createResultStore({ homeFolder, state: () => state.open() });
  const maxResultTokens = (): number => live.current.maxResultTokens;
  const resultTools = createResultTools({ results });
  const callers = new InFlight<string, CallerInput>();
  const input: InputOptions = {
    policy,
    ...(options.elicit ? { elicit: options.elicit } : {}),
    model: () => lookup.found('default'),
    roots: [options.workingFolder],
    callerOf: (runId) => callers.get(runId),
  };
  const tools = createToolHandle({
    registry,
    policy,
    approvals,
    guards,
    hostTools: [createToolSearch(registry), ...resultTools],
    toolLists: createToolListStore(() => state.open()),
    input,
    results,
    maxResultTokens,
    effects: createEffectSettings({
      config: () => live.current,
      // Who is there is asked; else the model is told, and nobody waits.
      uncertain: options.asker === undefined ? 'report' : 'ask',
    }),
  });
  const runPlace = {
    configFile: options.config.source?.path,
    project: options.workingFolder,
    programVersion: packageVersion(),
  };
  const durable = new DurableJournals({
    state: () => state.open(),
    homeFolder,
    ...runPlace,
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
  });
  const engine = createEngine({
    journals: options.journals ?? durable,
    model: (context, alias, candidates) => {
      const model = context.run.replay ? UNASKED_MODEL : lookup.known(alias, context.run.id);
      return createModelHandle(context, model, { alias, guards, ...(candidates ? { candidates } : {}) });
    },
    tools,
    embed: embedder.embed,
    spending: createSpending({ live, ledger: () => durable.ledger() }),
    redact: (value) => guards.redact(value),
  });
  const sessions = createSessionStore({
    state: () => state.open(),
    project: options.workingFolder,
    redact: (value) => guards.redact(value),
    forget: (sessionId) => memory.forgetSession(sessionId),
    async sweepFiles() {
      await results.sweep();
      await archive.sweep();
    },
  });
  const archive = createRunArchive({
    state: () => state.open(),
    homeFolder,
    sessions,
    sweepResults: () => results.sweep(),
  });
  const retention = new Retention({ settings: () => live.current.runs, archive, log });
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
  const workflows = createOwnWorkflows({
    registry,
    guards,
    results,
    sessions,
    memory: memory.server,
    maxResultTokens,
    workingFolder: options.workingFolder,
  });
  const endings = new SessionEndings(sessions, log);
  const given = new GivenWorkflows({ ofProgram: options.workflows ?? {}, guards, sessions, engine });
  given.use(options.config);
  engine.register(workflows.agent);
  engine.register(workflows.quote);
  engine.register(workflows.compact);
  engine.register(workflows.singleTool);
  const runs = createRuns({
    live,
    engine,
    project: options.workingFolder,
    lookup,
    endings,
    memory,
    workflows,
    given,
    callers,
    attended: (handle) => {
      const { elicit } = options;
      if (elicit === undefined) return;
      void attendQuestions(handle, { elicit, signal: (...told) => engine.signal(...told), log });
    },
    logged,
  });
  const adopter = options.adoptRuns
    ? new Adopter({ orphans: () => durable.orphans(), resume: runs.resume, log })
    : undefined;
  const triggers = createTriggers({
    state: () => state.open(),
    homeFolder,
    live,
    runPlace,
    registry,
    given,
    engine,
    resume: runs.resume,
    redact: (value) => guards.redact(value),
    log,
    clock: options.clock,
  });
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
    get workflows() {
      return given.list;
    },
    sessions,
    archive,
    clients: createClientAccess({
      registry,
      results,
      guards,
      input,
      state: () => state.open(),
      log,
      runs: createClientRuns({
        state: () => state.open(),
        homeFolder,
        live,
        configFile: options.config.source?.path,
        project: options.workingFolder,
        adoptsRuns: options.adoptRuns === true,
        engine,
        sessions,
        guards,
        rules,
        ask: runs.ask,
        limitsOf: (workflow) => limitsOfWorkflow(given.get(workflow), live.current),
        run: runs.run,
      }),
    }),
    triggers,
    ...runs,
    read: (uri, callOptions = {}) =>
      isResultHandle(uri)
        ? readStoredResource(results, uri, { actor: 'person' })
        : registry.read(uri, callOptions),
    async [Symbol.asyncDispose]() {
      await live[Symbol.asyncDispose]();
      await triggers[Symbol.asyncDispose]();
      await adopter?.[Symbol.asyncDispose]();
      await retention[Symbol.asyncDispose]();
      await memory.remembering.close();
      await engine[Symbol.asyncDispose]();
      await Promise.all([...logging, endings.settled()]);
      await registry[Symbol.asyncDispose]();
      await embedder[Symbol.asyncDispose]();
      await localEngines[Symbol.asyncDispose]();
      durable[Symbol.dispose]();
      state[Symbol.dispose]();
    },
  };
}
