/** Opens the socket of a server of HTTP. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListenOptions {
  /** A name, or an address with the brackets of a URL or without. */
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Told of what goes wrong later, such as too many open files: whoever calls again finds the server there. */
  readonly onError: (error: Error) => void;
}

export type ListenFault = 'in-use' | 'forbidden' | 'no-address';

/** Where it listens then. Rejects with what the system says; see `listenFault`. */
export async function listenOn(server: Server, { host, port, onError }: ListenOptions): Promise<AddressInfo> {
  const listening = once(server, 'listening');
  server.listen({ host: host.replace(/^\[(.*)\]$/, '$1'), port });
  await listening;
  server.on('error', onError);
  return server.address() as AddressInfo;
}

/** Undefined is something else. */
export function listenFault(error: unknown): ListenFault | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return 'in-use';
    case 'EACCES':
      return 'forbidden';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
      return 'no-address';
    default:
      return undefined;
  }
}
