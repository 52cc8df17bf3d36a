import { HostError } from '../../errors.ts';
import { takeStdout } from '../serve/own-stdout.ts';
import type { GlobalFlags } from './commands.ts';

export interface ServeFlags extends GlobalFlags {
  readonly stdio?: boolean;
}

/** The host as one MCP server, until the client has gone. */
export async function serve(flags: ServeFlags): Promise<void> {
  if (flags.stdio !== true)
    throw new HostError('usage', 'Say how clients reach it: switchyard serve --stdio');
  // Before anything is loaded that might write.
  const output = takeStdout();
  const [{ openHost }, { Facade }, { serveStdio }] = await Promise.all([
    import('./open-host.ts'),
    import('../serve/facade.ts'),
    import('../serve/stdio.ts'),
  ]);
  await using opened = await openHost({ ...flags, unattended: true, onAsk: 'wait', watchConfig: 'tell' });
  const { host, log, signal } = opened;
  using facade = new Facade({ host });
  await serveStdio({ facade, input: process.stdin, output, signal, log: log.sink });
}
