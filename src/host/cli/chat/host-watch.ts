import type { Registry, ServerState } from '../../../registry/contract.ts';
import type { Host } from '../../host.ts';
import { oneLine } from '../terminal.ts';

/** `trouble`: something that the person may want to mend. */
type Tell = (line: string, trouble: boolean) => void;

export interface HostWatchOptions {
  readonly host: Pick<Host, 'registry' | 'notices'>;
  readonly signal: AbortSignal;
  readonly tell: Tell;
  /** Called when the host may have other models than before. */
  readonly onConfig: () => void;
}

/**
 * Makes the catalog known, for completion, and tells what becomes of the servers and of an edited config. Ends with the
 * signal.
 */
export async function watchHost({ host, signal, tell, onConfig }: HostWatchOptions): Promise<void> {
  const notices = async (): Promise<void> => {
    for await (const { message, level } of host.notices(signal)) {
      tell(message, level === 'warn');
      onConfig();
    }
  };
  await Promise.all([host.registry.ready({ signal }), watchServers(host.registry, signal, tell), notices()]);
}

/** Tells when a server fails, and when one that had failed is back. */
async function watchServers(
  registry: Pick<Registry, 'changes' | 'servers'>,
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  const states = new Map<string, ServerState>();
  const compare = (): void => {
    for (const { name, state, reason } of registry.servers()) {
      const before = states.get(name);
      states.set(name, state);
      if (before === state) continue;
      if (state === 'failed' || state === 'degraded')
        tell(`The server ${name} is ${state}: ${oneLine(reason ?? 'no reason given', 400)}`, true);
      else if (state === 'ready' && (before === 'failed' || before === 'degraded'))
        tell(`The server ${name} is ready again.`, false);
    }
  };
  compare();
  for await (const change of registry.changes(signal)) {
    if (change.kind === 'status') compare();
  }
}
