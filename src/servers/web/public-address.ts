/** Which addresses belong to the public internet. Everything else may be someone's own network or this machine. */
import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { HostError } from '../../errors.ts';

/**
 * True only for globally routed unicast: for IPv4 what no registry entry reserves, for IPv6 what lies in 2000::/3 and is
 * neither reserved nor a way to reach an IPv4 address (mapped, NAT64, 6to4, Teredo). See the IANA special-purpose registries.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  const [firstByte = 0] = parsed.toByteArray();
  return parsed.kind() === 'ipv4' || firstByte >> 5 === 1;
}

/** Throws a HostError with code `private-address` when any address of the host is not public. */
export function requirePublic(host: string, addresses: readonly string[]): void {
  const refused = addresses.find((address) => !isPublicAddress(address));
  if (refused === undefined) return;
  const where = refused === host ? `'${host}' is` : `'${host}' leads to ${refused},`;
  throw new HostError(
    'private-address',
    `${where} an address of this machine or a private network, which this server does not fetch from. The person who runs it can permit that with --allow-private.`,
  );
}

/** The addresses of a name or of a literal address (with or without brackets); all of them, in the system's order. */
export async function addressesOf(host: string): Promise<LookupAddress[]> {
  const literal = host.startsWith('[') ? host.slice(1, -1) : host;
  const family = isIP(literal);
  return family === 0 ? lookup(literal, { all: true, verbatim: true }) : [{ address: literal, family }];
}
