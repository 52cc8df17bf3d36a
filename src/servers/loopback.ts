import { isIPv4 } from 'node:net';

export interface HttpAddress {
  /** 0 takes a free port. */
  readonly port: number;
  /** A name or address of this machine alone; see `isLoopbackHost`. */
  readonly host: string;
}

export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
