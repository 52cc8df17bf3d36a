/** How the host's runs begin: which workflow, with which limits, followed by what. */
import { HostError } from '../errors.ts';
import type { Host } from './contract.ts';
import type { Engine, RunHandle } from './engine/engine.ts';
import type { LiveConfig } from './live-config.ts';
import type { HostMemory } from './memory/host-memory.ts';
import type { ModelLookup } from './model-lookup.ts';
import type { SessionEndings } from './session/session-endings.ts';
import type { AgentInput, AgentOutput, agentWorkflow } from './workflow/agent.ts';
import { callWorkflow } from './workflow/call.ts';
import type { compactWorkflow } from './workflow/compact.ts';
import type { QuoteOutput, quoteWorkflow } from './workflow/quote.ts';
import type { singleToolWorkflow } from './workflow/single-tool.ts';

export interface Workflows {
  readonly agent: ReturnType<typeof agentWorkflow>;
  readonly quote: ReturnType<typeof quoteWorkflow>;
  readonly compact: ReturnType<typeof compactWorkflow>;
  readonly singleTool: ReturnType<typeof singleToolWorkflow>;
}

export interface RunsOptions {
  readonly live: Pick<LiveConfig, 'current'>;
  readonly engine: Pick<Engine, 'start'>;
  readonly lookup: ModelLookup;
  readonly endings: SessionEndings;
  readonly memory: HostMemory;
  readonly workflows: Workflows;
  /** Writes a run's story into the log. */
  readonly logged: <Handle extends RunHandle>(handle: Handle) => Handle;
}

export function createRuns(options: RunsOptions): Pick<Host, 'ask' | 'compact' | 'call'> {
  const { live, engine, lookup, endings, memory, workflows, logged } = options;
  const { agent, quote, compact, singleTool } = workflows;
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
      // What a person or a client asks for itself is asked for again by them, and not by a journal.
      return logged(engine.start(callWorkflow, input, { ...runOptions, budget, ephemeral: true }));
    },
  };
}
