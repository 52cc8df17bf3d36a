import { environment, homeFolder } from '../../config/environment.ts';
import { HostError, messageOf } from '../../errors.ts';
import { takeStdout } from '../serve/own-stdout.ts';
import type { Host } from '../contract.ts';
import type { GlobalFlags } from './commands.ts';

export interface ServeFlags extends GlobalFlags {
  readonly stdio?: boolean;
}

/**
 * The host as one MCP server, until the client has gone. What lists are answered from is opened at once, the rest of the
 * host behind the first list, or for the first call.
 */
export async function serve(flags: ServeFlags): Promise<void> {
  if (flags.stdio !== true)
    throw new HostError('usage', 'Say how clients reach it: switchyard serve --stdio');
  // Before anything is loaded that might write.
  const output = takeStdout();
  const [
    { openLog, readConfig, tellNotices },
    { watchSignals },
    { openHostRegistry },
    { Facade },
    { serveStdio },
  ] = await Promise.all([
    import('./config-and-log.ts'),
    import('./watch-signals.ts'),
    import('../host-registry.ts'),
    import('../serve/facade.ts'),
    import('../serve/stdio.ts'),
  ]);
  const workingFolder = process.cwd();
  const config = await readConfig(flags, workingFolder);
  const log = openLog(flags, config);
  const ending = watchSignals();
  const parts = { config, homeFolder: homeFolder(), env: environment(), log: log.sink };
  const opened = await openHostRegistry(parts);
  const openHost = async (): Promise<OpenedBehind> => {
    const [{ createHost }, { watchHostConfig }] = await Promise.all([
      import('../host.ts'),
      import('./watch-host-config.ts'),
    ]);
    const host = await createHost({
      ...parts,
      workingFolder,
      opened,
      onAsk: 'wait',
      onConfig: (changed) => {
        log.use(changed);
        tellNotices(changed, log);
      },
    });
    return { host, watch: watchHostConfig(host, log) };
  };
  let behind: Promise<OpenedBehind> | undefined;
  const facade = new Facade({
    registry: opened.registry,
    async open() {
      behind ??= openHost();
      return (await behind).host;
    },
    onFailure: (error) =>
      log.sink({
        level: 'error',
        component: 'serve',
        event: 'host-not-opened',
        fields: { reason: messageOf(error) },
      }),
  });
  try {
    await serveStdio({ facade, input: process.stdin, output, signal: ending.signal, log: log.sink });
  } finally {
    facade[Symbol.dispose]();
    await close(behind, opened.registry);
    await log.close();
    ending.stop();
  }
}

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
  await opened.host[Symbol.asyncDispose]();
}
