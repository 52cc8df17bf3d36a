/** A host in a process of its own, as a program around us would have it, told what to do by the harness that kills it. */
import type { Config } from '../../src/config/config.ts';
import { guardSettings } from '../../src/config/guard-settings.ts';
import { DEFAULT_MEMORY } from '../../src/config/memory-settings.ts';
import { DEFAULT_RUNS } from '../../src/config/runs-settings.ts';
import { DEFAULT_SERVE } from '../../src/config/serve-settings.ts';
import { DEFAULT_WEBHOOKS } from '../../src/config/webhooks-settings.ts';
import { toHostError } from '../../src/errors.ts';
import type { RunHandle } from '../../src/host/engine/engine.ts';
import { createHost, type Host } from '../../src/host/host.ts';
import { allowAll } from '../../src/host/tool-call/policy.ts';
import type { FromHost, HostSettings, ToHost } from './messages.ts';
import { agentRequest } from './scripted-model.ts';
import { SERVER_NAME, shapesWorkflow } from './task.ts';

const LEDGER_SERVER = `${import.meta.dirname}/../../test/fixtures/mcp/ledger.ts`;

let opening: Promise<Host> | undefined;
// A harness that is gone has no use for it.
const tell = (message: FromHost): void => void process.send?.(message, () => undefined);

process.on('message', (message: ToHost) => {
  handle(message).catch((thrown: unknown) => {
    const { code, message: text } = toHostError(thrown);
    tell({ type: 'refused', runId: 'runId' in message ? message.runId : '', code, message: text });
  });
});
// Without the harness nobody would ever end this process.
process.on('disconnect', () => process.exit());
tell({ type: 'loaded' });

async function handle(message: ToHost): Promise<void> {
  if (message.type === 'open') {
    opening = open(message.settings);
    await opening;
    tell({ type: 'open' });
    return;
  }
  const host = await opening;
  if (host === undefined) throw new Error('It is not open.');
  switch (message.type) {
    case 'start': {
      const { tag } = message;
      const handle =
        message.workflow === 'agent'
          ? await host.ask(agentRequest(tag))
          : await host.run(shapesWorkflow.name, { tag });
      tell({ type: 'started', tag, runId: handle.id });
      follow(handle);
      return;
    }
    case 'resume':
      follow(await host.resume(message.runId));
      return;
    case 'replay': {
      const outcome = await host.engine.replay(message.runId);
      const identical = outcome.type === 'identical';
      tell({ type: 'replayed', runId: message.runId, identical, detail: JSON.stringify(outcome) });
      return;
    }
    case 'close':
      await host[Symbol.asyncDispose]();
      process.disconnect();
      return;
    default:
      message satisfies never;
  }
}

function follow(handle: RunHandle): void {
  void handle.result.then((outcome) => tell({ type: 'ended', runId: handle.id, outcome }));
}

function open(settings: HostSettings): Promise<Host> {
  return createHost({
    config: configOf(settings),
    homeFolder: settings.home,
    workingFolder: settings.home,
    env: {},
    log: () => undefined,
    policy: allowAll('chaos'),
    workflows: { [shapesWorkflow.name]: shapesWorkflow },
    adoptRuns: settings.adopt ?? false,
    ...(settings.leaseMs === undefined ? {} : { leaseMs: settings.leaseMs }),
  });
}

function configOf({ home, ledgerFile, modelUrl, controlSocket }: HostSettings): Config {
  return {
    file: `${home}/mcp.config.json`,
    folder: home,
    origin: 'flag',
    servers: [
      {
        name: SERVER_NAME,
        type: 'stdio',
        command: process.execPath,
        args: [LEDGER_SERVER, ledgerFile, ...(controlSocket === undefined ? [] : [controlSocket])],
        env: { NODE_COMPILE_CACHE: `${home}/compile-cache` },
        disabled: false,
        start: 'on-use',
        trust: 'annotations',
        timeoutMs: 60_000,
        // Nobody is there to be asked: the workflow is told, and goes on.
        uncertain: 'report',
        tools: {},
      },
    ],
    models: { default: [{ model: 'anthropic/scripted', baseUrl: modelUrl, apiKey: 'none' }] },
    budget: { maxTurns: 20, maxRepeats: 3 },
    guards: guardSettings(),
    naming: 'prefixed',
    maxNameLength: 47,
    maxResultTokens: 8_000,
    memory: DEFAULT_MEMORY,
    logs: { level: 'info', keepDays: 1, maxBytes: 1_000_000 },
    notices: [],
    approvals: [],
    workflows: {},
    triggers: {},
    webhooks: DEFAULT_WEBHOOKS,
    serve: DEFAULT_SERVE,
    runs: DEFAULT_RUNS,
    launchHash: '',
  };
}
