import type { Config } from '../../config/config.ts';
import type { GlobalFlags } from './commands.ts';
import { EXIT } from './exit-code.ts';
import { openHost } from './open-host.ts';
import type { Output } from './terminal.ts';

/**
 * Starts runs by the triggers of the config until a signal ends it. Nobody is asked meanwhile: what a person has to allow waits.
 * Steps that are under way may end; runs that are not over go on when the next daemon starts.
 */
export async function daemon(flags: GlobalFlags): Promise<void> {
  await using opened = await openHost({ ...flags, unattended: true, onAsk: 'wait', watchConfig: 'tell' });
  const { host, output, signal } = opened;
  // A source that takes long to open, such as that of a server that does not answer, keeps nobody from ending it.
  await Promise.race([host.triggers.serve(), aborted(signal)]);
  if (!signal.aborted) tellWork(host.config, output);
  await aborted(signal);
  output.status('Ending …');
  // A daemon that was asked to end has done what it was started for.
  process.exitCode = EXIT.done;
}

function tellWork({ file, triggers }: Pick<Config, 'file' | 'triggers'>, output: Output): void {
  const names = Object.keys(triggers);
  output.status(
    names.length === 0
      ? `${file} has no triggers yet. The daemon waits for some to be added; Ctrl-C ends it.`
      : `Working on ${names.join(', ')} of ${file}. Ctrl-C ends it.`,
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
