import type { Registry, ServerState } from '../../../registry/contract.ts';
import { oneLine } from '../terminal.ts';

/** Tells when a server fails, and when one that had failed is back. Ends with the signal. */
export async function watchServers(
  registry: Pick<Registry, 'changes' | 'servers'>,
  signal: AbortSignal,
  tell: (line: string, trouble: boolean) => void,
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
