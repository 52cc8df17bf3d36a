/** Where a server may listen: beyond this machine only where its clients have tokens. */
import { HostError } from '../../../errors.ts';
import { isLoopbackHost } from '../../../loopback.ts';
import type { ClientTokens } from '../../client-token/contract.ts';

/** Throws HostError `usage` where everybody who reaches the address would get in, or nobody. */
export function requireTokens(host: string, tokens: ClientTokens): void {
  if (isLoopbackHost(host) || tokens.known().valid) return;
  throw new HostError(
    'usage',
    `${host} can be reached from other machines, and no client has a token that is good. To make one: switchyard tokens add <name>. Without tokens it listens on 127.0.0.1 alone.`,
  );
}
