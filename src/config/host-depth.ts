/** How many hosts of ours started one another, told from each to its servers: a config may have itself among its servers. */
import { HostError } from '../errors.ts';
import type { Environment } from './environment.ts';

const VARIABLE = 'SWITCHYARD_HOSTS';
const MAX_HOSTS = 4;

/** For the environment of the servers of the host that has this one. */
export function behindThisHost(env: Environment): Readonly<Record<string, string>> {
  return { [VARIABLE]: String(hostsBefore(env) + 1) };
}

/** Throws HostError `usage` in a gateway that is one too many. */
export function requireDepth(env: Environment): void {
  if (hostsBefore(env) < MAX_HOSTS) return;
  throw new HostError(
    'usage',
    `${MAX_HOSTS} gateways started one another already, and this one would be one more: a config has itself among its servers. Remove the entry under mcpServers that runs switchyard serve.`,
  );
}

function hostsBefore(env: Environment): number {
  const count = Number(env[VARIABLE] ?? '0');
  return Number.isInteger(count) && count > 0 ? count : 0;
}
