/** One page from the web as bytes: redirects by hand, every hop checked, and no more than the limit ever held. */
import type { Response } from 'undici';

import { HostError, messageOf } from '../../errors.ts';
import { packageVersion } from '../version.ts';
import { requirePublicHost } from './http-client.ts';
import type { HttpClient } from './http-client.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_REDIRECTS = 10;
const TOTAL_TIMEOUT_MS = 50_000;
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);

export interface Page {
  /** Where the redirects ended. */
  readonly finalUrl: string;
  readonly status: number;
  readonly statusText: string;
  /** The header as sent, or an empty string. */
  readonly contentType: string;
  readonly body: Buffer;
}

export interface GetOptions {
  readonly client: HttpClient;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (receivedBytes: number, totalBytes: number | undefined) => void;
}

/** Throws a HostError that says what to do; rejects with the signal's reason when cancelled. */
export async function getPage(url: string, options: GetOptions): Promise<Page> {
  const timeout = AbortSignal.timeout(TOTAL_TIMEOUT_MS);
  const signal = AbortSignal.any([options.signal, timeout]);
  let current = parseUrl(url);
  try {
    for (let redirects = 0; ; redirects += 1) {
      if (!options.allowPrivate && options.client.mayUseProxy) await requirePublicHost(current.hostname);
      const response = await request(options.client, current, signal);
      const location = REDIRECT_STATUSES.has(response.status) ? response.headers.get('location') : null;
      if (location === null) return await readPage(response, current, options);
      await response.body?.cancel();
      if (redirects >= MAX_REDIRECTS) {
        throw new HostError(
          'too-many-redirects',
          `${url} redirects more than ${MAX_REDIRECTS} times, last to ${location}.`,
        );
      }
      current = parseUrl(location, current);
    }
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    if (timeout.aborted) {
      throw new HostError(
        'timeout',
        `${current.href} did not answer completely within ${TOTAL_TIMEOUT_MS / 1_000} s.`,
      );
    }
    throw networkError(error, current);
  }
}

/** Throws a HostError with code `bad-url` unless it is http or https without a user name. */
export function parseUrl(text: string, base?: URL): URL {
  const trimmed = text.trim();
  // `example.com:8080/x` names a port, not a scheme.
  const hasScheme = base !== undefined || /^[a-z][a-z\d+.-]*:(?!\d)/i.test(trimmed);
  const url = URL.parse(hasScheme ? trimmed : `https://${trimmed}`, base?.href);
  if (url === null) {
    throw new HostError(
      'bad-url',
      `'${text}' is not a URL. Give a complete one, such as https://example.com/page.`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new HostError('bad-url', `'${url.protocol}' URLs are not fetched; only http: and https: are.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new HostError(
      'bad-url',
      'The URL holds a user name or password, which this server never sends. Leave them out.',
    );
  }
  url.hash = '';
  return url;
}

async function request({ undici, dispatcher }: HttpClient, url: URL, signal: AbortSignal): Promise<Response> {
  return undici.fetch(url, {
    dispatcher,
    signal,
    redirect: 'manual',
    credentials: 'omit',
    headers: {
      'user-agent': `Switchyard/${packageVersion()} (fetch for a person's assistant)`,
      accept:
        'text/html,application/xhtml+xml,text/markdown,text/plain,application/json,application/pdf,image/*;q=0.8,*/*;q=0.5',
      'accept-language': 'en,*;q=0.5',
    },
  });
}

async function readPage(response: Response, url: URL, { onProgress }: GetOptions): Promise<Page> {
  const announced = Number(response.headers.get('content-length') ?? Number.NaN);
  const totalBytes =
    Number.isFinite(announced) && !response.headers.has('content-encoding') ? announced : undefined;
  if (totalBytes !== undefined && totalBytes > MAX_BODY_BYTES) {
    await response.body?.cancel();
    throw tooLarge(url, `it has ${totalBytes} bytes`);
  }
  const chunks: Uint8Array[] = [];
  let receivedBytes = 0;
  // The bytes counted here are decompressed ones, so a small body that unpacks to a large one stops here as well.
  for await (const chunk of response.body ?? []) {
    receivedBytes += chunk.byteLength;
    if (receivedBytes > MAX_BODY_BYTES) throw tooLarge(url, 'it goes on after that');
    chunks.push(chunk);
    onProgress(receivedBytes, totalBytes);
  }
  return {
    finalUrl: url.href,
    status: response.status,
    statusText: response.statusText,
    contentType: response.headers.get('content-type') ?? '',
    body: Buffer.concat(chunks, receivedBytes),
  };
}

function tooLarge(url: URL, what: string): HostError {
  return new HostError(
    'too-large',
    `${url.href} is over the limit of ${MAX_BODY_BYTES} bytes: ${what}. Look for a smaller page.`,
  );
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not exist. Check the spelling, or whether this machine is online',
  EAI_AGAIN: 'its name could not be looked up. Check whether this machine is online',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it broke the connection off',
  ENETUNREACH: 'its network cannot be reached. Check whether this machine is online',
  EHOSTUNREACH: 'it cannot be reached',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it stopped in the middle of its answer',
  UND_ERR_SOCKET: 'it broke the connection off',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody known',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate belongs to another name',
};

/** fetch hides the cause in a chain of causes, one of which may hold several. */
function networkError(error: unknown, url: URL): HostError {
  const chain = causesOf(error);
  const own = chain.find((cause) => cause instanceof HostError);
  if (own !== undefined) return own;
  const code = chain.map(errorCode).find((name) => name !== undefined && name in ADVICE);
  const detail =
    chain
      .map((cause) => messageOf(cause))
      .filter((text) => text !== '')
      .at(-1) ?? 'unknown reason';
  const advice = code === undefined ? detail : (ADVICE[code] ?? detail);
  return new HostError(code ?? 'fetch-failed', `${url.href} could not be fetched: ${advice}.`, {
    cause: error,
  });
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  const waiting: unknown[] = [error];
  for (let next = waiting.shift(); next !== undefined && chain.length < 20; next = waiting.shift()) {
    chain.push(next);
    if (next instanceof AggregateError) waiting.push(...next.errors);
    if (next instanceof Error && next.cause !== undefined) waiting.push(next.cause);
  }
  return chain;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
