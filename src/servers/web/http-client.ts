/** The connections to the web. Addresses are checked where a connection is made, so a name that changes its mind gains nothing. */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

import type { Dispatcher, buildConnector } from 'undici';

import { environment } from '../../config/environment.ts';
import { messageOf } from '../../errors.ts';
import { addressesOf, isPublicAddress, requirePublic } from './public-address.ts';

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'] as const;
const CONNECT_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 30_000;
const BODY_IDLE_TIMEOUT_MS = 30_000;

type Undici = typeof import('undici');

export interface HttpClient {
  readonly undici: Undici;
  readonly dispatcher: Dispatcher;
  /** True when the environment names a proxy, which then resolves names itself. */
  readonly mayUseProxy: boolean;
  close(): Promise<void>;
}

/**
 * Connects directly, or through the proxies that the environment names. Direct connections go to exactly the addresses
 * that were checked, unless `allowPrivate`.
 */
export async function openHttpClient(options: { readonly allowPrivate: boolean }): Promise<HttpClient> {
  const undici = await import('undici');
  const connect = options.allowPrivate
    ? undici.buildConnector({ timeout: CONNECT_TIMEOUT_MS })
    : guardedConnector(undici.buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup }));
  const dispatcher = new undici.EnvHttpProxyAgent({
    connect,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: BODY_IDLE_TIMEOUT_MS,
  });
  const variables = environment();
  const mayUseProxy = PROXY_VARIABLES.some((name) => (variables[name] ?? '') !== '');
  return { undici, dispatcher, mayUseProxy, close: () => dispatcher.destroy() };
}

/**
 * Before a request that a proxy may carry out: the proxy resolves names itself, so what can be known here is checked here.
 * A name that does not resolve here is left to the proxy. Throws a HostError with code `private-address`.
 */
export async function requirePublicHost(host: string): Promise<void> {
  const addresses = await addressesOf(host).catch(() => []);
  requirePublic(
    host,
    addresses.map(({ address }) => address),
  );
}

function guardedConnector(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    // A literal address is connected to without a lookup.
    const refusal = isIP(host) === 0 ? undefined : refusalOf(host, [{ address: host, family: isIP(host) }]);
    if (refusal !== undefined) {
      callback(refusal, null);
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const address = socket.remoteAddress;
      if (address !== undefined && isPublicAddress(address)) return callback(null, socket);
      socket.destroy();
      callback(
        new Error(
          `The connection to '${host}' went to ${address ?? 'an unknown address'}, which is not public.`,
        ),
        null,
      );
    });
  };
}

const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { all: true, verbatim: true }, (error, addresses) => {
    const refusal = error ?? refusalOf(hostname, addresses);
    const [first] = addresses ?? [];
    if (refusal !== undefined || first === undefined)
      callback(refusal ?? new Error(`'${hostname}' has no address.`), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function refusalOf(host: string, addresses: readonly LookupAddress[]): Error | undefined {
  try {
    requirePublic(
      host,
      addresses.map(({ address }) => address),
    );
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}
