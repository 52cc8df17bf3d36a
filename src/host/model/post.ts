/**
 * One POST to a provider over `node:http`, whose keep-alive agent, proxies and certificates are those of the process.
 * `fetch` costs four times the processor time for the same bytes: it builds web streams, and reads them promise by promise.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { urlToHttpOptions } from 'node:url';

import { ConnectionFault, Pieces } from './pieces.ts';
import { redirectTarget } from './redirect.ts';

export interface PostOptions {
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface PostResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  /** One header by its name in small letters, without making all of them. */
  readonly header: (name: string) => string | undefined;
  /** Pieces of the body as they come, to be read once. Leaving the iteration closes the connection. */
  readonly body: AsyncIterable<string>;
}

/** Resolves with the response when its headers came. Rejects with ConnectionFault. */
export type Post = (options: PostOptions) => Promise<PostResponse>;

const CONNECT_TIMEOUT_MS = 10_000;

/** What sends to one address with always the same headers: they are made ready once. */
export async function createPost(address: string, headers: Readonly<Record<string, string>>): Promise<Post> {
  const url = new URL(address);
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const destination = { ...urlToHttpOptions(url), method: 'POST' };
  // What is compressed comes late: a compressor waits for more before it lets words go.
  const fixed = { ...headers, 'accept-encoding': 'identity' };
  return async ({ body, signal }) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = { ...fixed, 'content-length': Buffer.byteLength(body) };
      const outgoing = request({ ...destination, headers: sent });
      destroyOnAbort(outgoing, signal);
      outgoing.once('response', resolve).once('error', (error) => reject(new ConnectionFault(error)));
      limitConnecting(outgoing);
      outgoing.end(body);
    });
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400 && response.headers.location !== undefined) {
      response.resume();
      return redirected(response.headers.location, url, { method: 'POST', headers, body, signal });
    }
    return {
      ok: status >= 200 && status < 300,
      status,
      get headers() {
        return headersOf(response);
      },
      header: (name) => response.headersDistinct[name]?.[0],
      body: { [Symbol.asyncIterator]: () => new Pieces(response) },
    };
  };
}

/** By hand: the `signal` of a request costs listeners on each of its streams. */
function destroyOnAbort(outgoing: ClientRequest, signal: AbortSignal): void {
  const abort = (): void => void outgoing.destroy(new Error('aborted'));
  if (signal.aborted) abort();
  else {
    signal.addEventListener('abort', abort, { once: true });
    outgoing.once('close', () => signal.removeEventListener('abort', abort));
  }
}

/** Made when it is asked for: only failures are. */
function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  return headers;
}

/** The system gives up an address that does not answer after minutes. */
function limitConnecting(sent: ClientRequest): void {
  sent.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => sent.destroy(new Error(`connect timed out after ${CONNECT_TIMEOUT_MS} ms`)),
      CONNECT_TIMEOUT_MS,
    );
    const connected = (): void => clearTimeout(timer);
    socket.once('connect', connected).once('close', connected);
  });
}

/** None of the providers does this. */
async function redirected(location: string, from: URL, init: RequestInit): Promise<PostResponse> {
  const target = redirectTarget(location, from);
  if (target instanceof Error) throw new ConnectionFault(target);
  const response = await fetch(target, { ...init, redirect: 'error' });
  const { ok, status, headers, body } = response;
  const header = (name: string): string | undefined => headers.get(name) ?? undefined;
  return { ok, status, headers, header, body: body?.pipeThrough(new TextDecoderStream()) ?? nothing() };
}

async function* nothing(): AsyncGenerator<string> {}
