import type { Config } from '../../config/config.ts';
import { environment, homeFolder } from '../../config/environment.ts';
import { requireDepth } from '../../config/host-depth.ts';
import { servedShapes, workflowShapes } from '../../config/workflow-shape.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { Host } from '../contract.ts';
import type { Facade } from '../serve/facade.ts';
import { takeStdout } from '../serve/own-stdout.ts';
import { type WorkflowTool, workflowTools } from '../serve/run/workflow-tools.ts';
import type { Log } from '../telemetry/log.ts';
import type { GlobalFlags } from './commands.ts';

export interface ServeFlags extends GlobalFlags {
  readonly stdio?: boolean;
  readonly http?: boolean;
  readonly host?: string;
  readonly port?: number;
  /** Write where it listens to stdout, for programs. */
  readonly json?: boolean;
}

/** What is served, and until when. */
export interface Serving {
  readonly facade: Facade;
  /** That of the moment. */
  readonly config: () => Config;
  readonly log: Log;
  readonly signal: AbortSignal;
}

type Surface = (serving: Serving) => Promise<void>;

/**
 * The host as one MCP server, until its client has gone or a signal comes. What lists are answered from is opened at once, the
 * rest of the host behind the first list, or for the first call.
 */
export async function serve(flags: ServeFlags): Promise<void> {
  requireDepth(environment());
  const loading = loadSurface(flags);
  const [surface, { openLog, readConfig, tellNotices }, { watchSignals }, { openHostRegistry }, { Facade }] =
    await Promise.all([
      loading,
      import('./config-and-log.ts'),
      import('./watch-signals.ts'),
      import('../host-registry.ts'),
      import('../serve/facade.ts'),
    ]);
  const workingFolder = process.cwd();
  let config = await readConfig(flags, workingFolder);
  const log = openLog(flags, config);
  const ending = watchSignals();
  const parts = {
    config,
    homeFolder: homeFolder(),
    env: environment(),
    log: log.sink,
    onSecrets: (secrets: readonly string[]) => log.learn(secrets),
  };
  const opened = await openHostRegistry(parts);
  const openHost = async (): Promise<OpenedBehind> => {
    const [{ createHost }, { watchHostConfig }, { tellGlobFaults }] = await Promise.all([
      import('../host.ts'),
      import('./watch-host-config.ts'),
      import('./glob-faults.ts'),
    ]);
    const host = await createHost({
      ...parts,
      workingFolder,
      opened,
      onAsk: 'wait',
      adoptRuns: true,
      onConfig: (changed) => {
        config = changed;
        facade.offer(toolsOf(changed));
        log.use(changed);
        tellNotices(changed, log);
        setImmediate(() => tellGlobFaults(host, log));
      },
    });
    tellGlobFaults(host, log);
    return { host, watch: watchHostConfig(host, log) };
  };
  let behind: Promise<OpenedBehind> | undefined;
  const open = async (): Promise<Host> => {
    behind ??= openHost();
    return (await behind).host;
  };
  const onFailure = (error: unknown): void =>
    log.sink({
      level: 'error',
      component: 'serve',
      event: 'host-not-opened',
      fields: { reason: messageOf(error) },
    });
  const facade = new Facade({ registry: opened.registry, open, onFailure, workflows: toolsOf(config) });
  ending.signal.addEventListener('abort', () => facade.detachFromRuns(), { once: true });
  // Nobody may come for a long time, and runs that were left are to go on meanwhile.
  if (flags.http === true) open().catch(onFailure);
  try {
    await surface({ facade, config: () => config, log, signal: ending.signal });
  } finally {
    facade[Symbol.dispose]();
    await close(behind, opened.registry);
    await log.close();
    ending.stop();
  }
}

function toolsOf(config: Config): readonly WorkflowTool[] {
  return workflowTools(servedShapes(workflowShapes(config.workflows), config.serve), config);
}

async function loadSurface(flags: ServeFlags): Promise<Surface> {
  const { stdio, http, host, port, json } = flags;
  if ((stdio === true) === (http === true))
    throw new HostError(
      'usage',
      'Say how clients reach it: switchyard serve --stdio, or switchyard serve --http',
    );
  if (http === true) {
    const { overHttp } = await import('./serve-http.ts');
    return (serving) => overHttp(serving, flags);
  }
  if (host !== undefined || port !== undefined || json === true)
    throw new HostError('usage', '--host, --port and --json are of serve --http.');
  // Before anything is loaded that might write.
  const output = takeStdout();
  const { serveStdio } = await import('../serve/stdio.ts');
  return ({ facade, log, signal }) =>
    serveStdio({ facade, input: process.stdin, output, signal, log: log.sink });
}

/** Clients kill a server soon after they have closed its input. A run that is cut goes on in the next host. */
const CLOSE_GRACE_MS = 1_000;

interface OpenedBehind {
  readonly host: Host;
  readonly watch: Promise<AsyncDisposable | undefined>;
}

/** The registry ends with its host, where that could be opened. */
async function close(behind: Promise<OpenedBehind> | undefined, registry: AsyncDisposable): Promise<void> {
  // Why it could not be opened was told to whoever wanted it.
  const opened = await behind?.catch(() => undefined);
  if (opened === undefined) {
    await registry[Symbol.asyncDispose]();
    return;
  }
  await (await opened.watch)?.[Symbol.asyncDispose]();
  await opened.host.engine.close({ graceMs: CLOSE_GRACE_MS });
  await opened.host[Symbol.asyncDispose]();
}
