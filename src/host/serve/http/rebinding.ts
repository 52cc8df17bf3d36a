/**
 * Whether a request was meant for this server. A page of the web can make a browser send requests to this machine under a
 * name of its own (DNS rebinding), and then `Host` and `Origin` tell (spec: basic/transports, security).
 */
import type { IncomingHttpHeaders } from 'node:http';

import type { HttpSettings } from '../../../config/serve-settings.ts';
import { ERROR } from '../protocol.ts';
import { isLoopbackHost } from '../../../loopback.ts';
import type { Refusal } from './refuse.ts';

type Headers = Pick<IncomingHttpHeaders, 'host' | 'origin'>;

/** `localAddress`: the one at which the connection came in. */
export type Meant = (headers: Headers, localAddress: string | undefined) => Refusal | undefined;

export function createRebindingCheck(settings: () => HttpSettings, boundHost: string): Meant {
  // Nearly every request has the host of the one before.
  let last: { readonly of: HttpSettings; readonly host: string; readonly localAddress: string } | undefined;
  return ({ host = '', origin }, localAddress = '') => {
    const current = settings();
    if (
      origin === undefined &&
      last?.of === current &&
      last.host === host &&
      last.localAddress === localAddress
    )
      return undefined;
    const { allowedHosts, allowedOrigins } = current;
    if (!isAllowedHost(host, [...allowedHosts, boundHost, localAddress.replace(/^::ffff:/, '')]))
      return forbidden(`The host ${JSON.stringify(host.slice(0, 200))} is not served here.`, 'allowedHosts');
    if (origin !== undefined && !isAllowedOrigin(origin, allowedOrigins))
      return forbidden(
        `Pages of ${JSON.stringify(origin.slice(0, 200))} may not come here.`,
        'allowedOrigins',
      );
    last = { of: current, host, localAddress };
    return undefined;
  };
}

/** An address has no name that someone else could own. */
function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const name = hostnameOf(`http://${host}`);
  if (name === undefined) return false;
  if (isLoopbackHost(name)) return true;
  return allowed.some((one) => one === host || hostnameOf(`http://${bracketed(one)}`) === name);
}

function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  const name = hostnameOf(origin);
  if (name === undefined) return false;
  return (
    isLoopbackHost(name) ||
    allowed.some((one) => one.replace(/\/$/, '').toLowerCase() === origin.toLowerCase())
  );
}

/** An address of IPv6 stands in brackets there; in a config it may stand without. */
function bracketed(host: string): string {
  return /^[0-9a-f]*:[0-9a-f:.]*$/i.test(host) ? `[${host}]` : host;
}

function hostnameOf(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === '' || parsed.pathname.length > 1) return undefined;
  return parsed.username === '' && parsed.password === '' ? parsed.hostname : undefined;
}

function forbidden(message: string, key: keyof HttpSettings): Refusal {
  const advice = `Where it should be, add it to serve.http.${key} in the config.`;
  return { status: 403, code: ERROR.invalidRequest, message: `${message} ${advice}` };
}
