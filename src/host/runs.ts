/** How the host's runs begin: which workflow, with which limits, followed by what. */
import type { Config } from '../config/config.ts';
import { HostError } from '../errors.ts';
import type { InFlight } from '../in-flight.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { BudgetLimits } from './context.ts';
import type { Host } from './contract.ts';
import { derivedRunId } from './engine/derived-run-id.ts';
import type { Engine, RegisteredWorkflow, RunHandle } from './engine/engine.ts';
import { lowerLimits } from './engine/lower-limits.ts';
import type { GivenWorkflows } from './given-workflows.ts';
import type { LiveConfig } from './live-config.ts';
import type { HostMemory } from './memory/host-memory.ts';
import type { ModelSet } from './model/resolve.ts';
import type { ModelLookup } from './model-lookup.ts';
import type { SessionEndings } from './session/session-endings.ts';
import type { AgentInput, AgentOutput, agentWorkflow } from './workflow/agent.ts';
import type { CallerInput } from './tool-call/caller-input.ts';
import { callWorkflow } from './workflow/call.ts';
import type { compactWorkflow } from './workflow/compact.ts';
import type { quoteWorkflow } from './workflow/quote.ts';
import type { singleToolWorkflow } from './workflow/single-tool.ts';

export interface Workflows {
  readonly agent: ReturnType<typeof agentWorkflow>;
  readonly quote: ReturnType<typeof quoteWorkflow>;
  readonly compact: ReturnType<typeof compactWorkflow>;
  readonly singleTool: ReturnType<typeof singleToolWorkflow>;
}

export interface RunsOptions {
  readonly live: Pick<LiveConfig, 'current'>;
  readonly engine: Pick<Engine, 'start' | 'startOnce' | 'describe' | 'resume' | 'fork'>;
  /** The working folder. */
  readonly project: string;
  readonly lookup: ModelLookup;
  readonly endings: SessionEndings;
  readonly memory: HostMemory;
  readonly workflows: Workflows;
  readonly given: Pick<GivenWorkflows, 'get' | 'has' | 'inputFor'>;
  /** Who is asked during a run, by its id. */
  readonly callers: InFlight<string, CallerInput>;
  /** Puts the questions of a run to the person at hand. */
  readonly attended: (handle: RunHandle) => void;
  /** Writes a run's story into the log. */
  readonly logged: <Handle extends RunHandle>(handle: Handle) => Handle;
}

export function createRuns(
  options: RunsOptions,
): Pick<Host, 'ask' | 'run' | 'compact' | 'call' | 'resume' | 'fork'> {
  const { given, live, engine, project, lookup, endings, memory, workflows, callers } = options;
  const { attended, logged } = options;
  const { agent, quote, compact, singleTool } = workflows;
  const own = new Set(Object.values(workflows).map(({ name }) => name));
  const followed = new WeakSet<RunHandle>();

  /** What goes along with a run of this workflow, however the run came about. */
  const follow = <Handle extends RunHandle>(handle: Handle, models: ModelSet): Handle => {
    if (followed.has(handle)) return handle;
    followed.add(handle);
    const { workflow, sessionId: ofSession, input } = handle.run;
    const asked = handle as RunHandle as RunHandle<AgentOutput & Json>;
    // The conversation of a caller that keeps it itself is none of ours.
    const sessionId = isJsonObject(input) && input['history'] !== undefined ? undefined : ofSession;
    lookup.keep(handle, models);
    if (workflow === agent.name || workflow === singleTool.name) {
      if (isJsonObject(input) && input['recall'] !== undefined) memory.remembering.follow(asked, sessionId);
      if (sessionId !== undefined) endings.follow(asked, sessionId);
    }
    if (!own.has(workflow)) attended(handle);
    if (workflow === quote.name && sessionId !== undefined) endings.follow(handle, sessionId);
    if (given.has(workflow) && ofSession !== undefined) endings.follow(handle, ofSession);
    return logged(handle);
  };

  return {
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
      const found = models.get(model);
      if (!found) return follow(engine.start(quote, { request }, withBudget), models);
      // Memory is the person's own: who else asks is told nothing of it and adds nothing to it.
      const isPerson = runOptions.actor === undefined || runOptions.actor === 'person';
      const recall = withMemory && isPerson ? memory.recallLimits() : undefined;
      const kept = {
        ...(history === undefined ? {} : { history }),
        ...(recall === undefined ? {} : { recall }),
      };
      if (found.limits.toolUse === 'single') {
        const input = { request, model, attachments: attachments.length, ...kept };
        return follow(engine.start(singleTool, input, withBudget), models);
      }
      const input: AgentInput = { request, model, attachments, ...kept };
      return follow(engine.start(agent, input, withBudget), models);
    },
    async run(name, input, { key, ...runOptions } = {}) {
      const workflow = given.get(name);
      const accepted = await given.inputFor(name, input);
      if (runOptions.sessionId !== undefined) await endings.settled(runOptions.sessionId);
      const models = await lookup.all();
      const limits = limitsOfWorkflow(workflow, live.current);
      const withBudget = { ...runOptions, budget: { ...limits, ...runOptions.budget } };
      if (key === undefined) return follow(engine.start(workflow, accepted, withBudget), models);
      const id = derivedRunId([live.current.source?.path ?? '', project, name, key]);
      return follow(await engine.startOnce(id, workflow, accepted, withBudget), models);
    },
    async compact(sessionId, { model = 'default', ...runOptions } = {}) {
      await endings.settled(sessionId);
      const models = await lookup.all();
      if (!models.get(model))
        throw new HostError('unknown-model', `There is no model "${model}" that could sum up.`);
      const budget = { ...live.current.budget, ...runOptions.budget };
      return follow(engine.start(compact, { model }, { ...runOptions, sessionId, budget }), models);
    },
    call(name, args, { timeoutMs, meta, forClient, caller, ...runOptions } = {}) {
      // A call has the time limit of its server, which progress extends, and not that of a run.
      const { timeoutMs: _, ...limits } = live.current.budget;
      const budget = { ...limits, ...runOptions.budget };
      const input = {
        name,
        arguments: args,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(meta === undefined ? {} : { meta }),
        ...(forClient === undefined ? {} : { forClient }),
      };
      // What a person or a client asks for itself is asked for again by them, and not by a journal.
      const handle = engine.start(callWorkflow, input, { ...runOptions, budget, ephemeral: true });
      if (caller !== undefined) {
        callers.set(handle.id, caller);
        void handle.result.finally(() => callers.delete(handle.id));
      }
      return logged(handle);
    },
    async resume(runId, resumeOptions) {
      const models = await lookup.all();
      const { input } = await engine.describe(runId);
      const model = isJsonObject(input) ? input['model'] : undefined;
      // Before it is taken: a run whose model is out of reach for a while would fail for good.
      if (typeof model === 'string' && !models.get(model))
        throw new HostError(
          'unknown-model',
          `The model "${model}" of the run is not in reach here. Set it up, or fork the run with another: switchyard runs fork ${runId} --at <step> --model <model>`,
        );
      return follow(await engine.resume(runId, resumeOptions), models);
    },
    async fork(runId, atRow, { request, model, ...change } = {}) {
      const models = await lookup.all();
      if (model !== undefined && !models.get(model))
        throw new HostError('unknown-model', `There is no model "${model}".`);
      const handle = await engine.fork(runId, atRow, {
        ...change,
        ...(request === undefined && model === undefined
          ? {}
          : {
              input: (input) => ({
                ...(isJsonObject(input) ? input : {}),
                ...(request === undefined ? {} : { request }),
                ...(model === undefined ? {} : { model }),
              }),
            }),
      });
      return follow(handle, models);
    },
  };
}

/** Of each run of a workflow that is started by its name. */
export function limitsOfWorkflow(
  { budget = {} }: Pick<RegisteredWorkflow, 'budget'>,
  config: Pick<Config, 'budget'>,
): BudgetLimits {
  return lowerLimits(config.budget, budget);
}
