/** All that a host does with the person's memory, put together. */
import type { Config } from '../../config/config.ts';
import type { JsonObject } from '../../json.ts';
import type { LogSink, Registry } from '../../registry/contract.ts';
import type { Engine, RunHandle } from '../engine/engine.ts';
import type { ModelLookup } from '../model-lookup.ts';
import type { SessionDeletion } from '../session/contract.ts';
import type { State } from '../state.ts';
import type { AgentInput } from '../workflow/agent.ts';
import { callWorkflow } from '../workflow/call.ts';
import { EXTRACTING_MODEL } from './extract-operations.ts';
import { createMemoryServer, type MemoryServer } from './memory-server.ts';
import { createMemoryQueue } from './queue.ts';
import { rememberWorkflow } from './remember.ts';
import { Remembering } from './remembering.ts';

export interface HostMemoryOptions {
  /** The one of the moment. */
  readonly config: () => Config;
  readonly registry: Registry;
  readonly state: () => Promise<State>;
  /** The working folder. */
  readonly project: string;
  readonly lookup: ModelLookup;
  readonly redact: <Value extends JsonObject>(value: Value) => Value;
  /** Asked for at the first use: runs are started by what it is part of. */
  readonly engine: () => Engine;
  readonly logged: <Handle extends RunHandle>(handle: Handle) => Handle;
  readonly log: LogSink;
}

export interface HostMemory {
  readonly server: MemoryServer;
  readonly remembering: Remembering;
  /** For a run that recalls; undefined where memory is off or not there. */
  recallLimits(): AgentInput['recall'];
  /** Removes what memory holds of a session; undefined where there is no memory. */
  forgetSession(sessionId: string): Promise<SessionDeletion['memory']>;
}

export function createHostMemory(options: HostMemoryOptions): HostMemory {
  const { config, registry, lookup } = options;
  const settings = () => config().memory;
  const server = createMemoryServer({ registry, config });
  const queue = createMemoryQueue({
    state: options.state,
    project: options.project,
    log: options.log,
  });
  const workflow = rememberWorkflow({
    memory: server,
    keepOperations: (runId, operations) => queue.keepOperations(runId, operations),
  });
  const remembering = new Remembering({
    queue,
    settings,
    hasModel: () => config().models[EXTRACTING_MODEL] !== undefined,
    async start(input) {
      const set = await lookup.all();
      const { sessionId } = input.exchange;
      const handle = options.engine().start(workflow, input, {
        budget: settings().budget,
        // The queue starts it again.
        ephemeral: true,
        ...(sessionId === undefined ? {} : { sessionId }),
      });
      lookup.keep(handle, set);
      return options.logged(handle);
    },
    redact: options.redact,
    log: options.log,
  });
  return {
    server,
    remembering,
    async forgetSession(sessionId) {
      const name = server.tool('forget');
      if (name === undefined) return undefined;
      // What is being remembered of it is forgotten with the rest.
      await remembering.settled(sessionId);
      const input = { name, arguments: { sessionId }, approvedBy: 'sessions delete' };
      const outcome = await options.logged(options.engine().start(callWorkflow, input, { ephemeral: true }))
        .result;
      if (outcome.type === 'done' && !outcome.output.isError) return { forgotten: true };
      const reason =
        outcome.type === 'done'
          ? outcome.output.message
          : outcome.type === 'failed'
            ? outcome.error.message
            : outcome.message;
      return { forgotten: false, ...(reason === undefined ? {} : { reason }) };
    },
    recallLimits() {
      const { enabled, recallTokens, recallTimeoutMs, startTimeoutMs } = settings();
      if (!enabled || !server.configured) return undefined;
      return { recallTokens, recallTimeoutMs, startTimeoutMs };
    },
  };
}
