/** Where a server may listen: beyond this machine only where its clients have tokens. */
import ipaddr from 'ipaddr.js';

import { HostError } from '../../../errors.ts';
import type { ClientTokens } from '../../client-token/contract.ts';

/** Whether only programs of this machine reach what listens there. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/** Throws HostError `usage` where everybody who reaches the address would get in, or nobody. */
export function requireTokens(host: string, tokens: ClientTokens): void {
  if (isLoopback(host) || tokens.known().valid) return;
  throw new HostError(
    'usage',
    `${host} can be reached from other machines, and no client has a token that is good. To make one: switchyard tokens add <name>. Without tokens it listens on 127.0.0.1 alone.`,
  );
}
