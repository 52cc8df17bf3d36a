/** The host as one MCP server over HTTP: the socket, its limits in time, and its end. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { HttpSettings } from '../../../config/serve-settings.ts';
import { HostError, toHostError } from '../../../errors.ts';
import { listenFault, listenOn } from '../../../listen-on.ts';
import type { LogSink } from '../../../registry/contract.ts';
import type { Facade } from '../facade.ts';
import type { Admission } from './admission.ts';
import { createApp } from './app.ts';
import { Endpoint } from './endpoint.ts';
import { createRebindingCheck } from './rebinding.ts';

export interface HttpOptions {
  readonly facade: Facade;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Those of the moment; host and port count where it begins. */
  readonly settings: () => HttpSettings;
  readonly admission: Admission;
  readonly log: LogSink;
  /** How long a client may take for the head of a request, and for all of it. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

export interface HttpServing {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Finishes what is open within seconds, and ends. */
  close(): Promise<void>;
}

/** Above what proxies keep their idle connections for, so that they close them first. */
const KEEP_ALIVE_MS = 65_000;

/** Rejects with the HostErrors `usage` and `port-in-use` where it cannot listen there. */
export async function serveHttp(options: HttpOptions): Promise<HttpServing> {
  const { facade, settings, admission, log, headersTimeoutMs = 15_000, requestTimeoutMs = 60_000 } = options;
  const endpoint = new Endpoint({ facade, settings, log });
  const meant = createRebindingCheck(settings, options.host);
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    createApp({ endpoint, meant, admission, log }),
  );
  const { address, port } = await listen(server, options);
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    host: address,
    port,
    url: `http://${host}:${port}/mcp`,
    async close() {
      await endpoint.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, { host, port, log }: HttpOptions): Promise<AddressInfo> {
  const onError = ({ message }: Error): void =>
    log({ level: 'warn', component: 'serve', event: 'http-listener', fields: { reason: message } });
  try {
    return await listenOn(server, { host, port, onError });
  } catch (error) {
    throw refusedToListen(error, host, port);
  }
}

function refusedToListen(error: unknown, host: string, port: number): HostError {
  const cause = { cause: error };
  switch (listenFault(error)) {
    case 'in-use':
      return new HostError(
        'port-in-use',
        `Port ${port} of ${host} is in use, maybe by another switchyard serve. Name another with --port; 0 is any free one.`,
        cause,
      );
    case 'forbidden':
      return new HostError(
        'port-forbidden',
        `Port ${port} may not be used by this user. Name one above 1023 with --port.`,
        cause,
      );
    case 'no-address':
      return new HostError(
        'usage',
        `${host} is no address of this machine. Name one with --host, such as 127.0.0.1.`,
        cause,
      );
    default:
      return toHostError(error, 'not-listening');
  }
}
