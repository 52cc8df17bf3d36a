/**
 * One POST to a provider over `node:http`, whose keep-alive agent, proxies and certificates are those of the process.
 * `fetch` costs four times the processor time for the same bytes: it builds web streams, and reads them promise by promise.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface PostResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  /** Pieces of the body as they come. Leaving the iteration closes the connection. */
  readonly body: AsyncIterable<string>;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Kept, because even a loaded module is looked up anew by every `import()`. */
let loaded: Promise<readonly [typeof import('node:http'), typeof import('node:https')]> | undefined;

/** Resolves with the response when its headers came. Rejects where the connection fails. */
export async function post(url: URL, { headers, body, signal }: PostOptions): Promise<PostResponse> {
  loaded ??= Promise.all([import('node:http'), import('node:https')]);
  const [http, https] = await loaded;
  const { request } = url.protocol === 'https:' ? https : http;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      // What is compressed comes late: a compressor waits for more before it lets words go.
      headers: { ...headers, 'accept-encoding': 'identity', 'content-length': Buffer.byteLength(body) },
      signal,
    });
    sent.once('response', resolve).once('error', reject);
    limitConnecting(sent);
    sent.end(body);
  });
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400 && response.headers.location !== undefined) {
    response.resume();
    return redirected(url, { headers, body, signal });
  }
  response.setEncoding('utf8');
  return {
    ok: status >= 200 && status < 300,
    status,
    get headers() {
      return headersOf(response);
    },
    body: response,
  };
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

/** Where a server sends a request elsewhere, which none of the providers does, `fetch` knows the rules. */
async function redirected(url: URL, options: PostOptions): Promise<PostResponse> {
  const response = await fetch(url, { method: 'POST', ...options });
  const { ok, status, headers, body } = response;
  return { ok, status, headers, body: body?.pipeThrough(new TextDecoderStream()) ?? nothing() };
}

async function* nothing(): AsyncGenerator<string> {}
