/** Where the browser comes back to after a login: one address on this machine, for as long as the login takes. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { HostError, messageOf } from '../errors.ts';

export interface RedirectListener extends AsyncDisposable {
  readonly url: string;
  /** What the first redirect with this state carries. Others are told off, and change nothing. */
  arrival(state: string): Promise<URLSearchParams>;
}

const HOST = '127.0.0.1';
const PATH = '/callback';

/** `port` must be free; where there is none, `wished` is taken if it is, and else any. Throws HostError `redirect-port`. */
export async function listenForRedirect(ports: {
  readonly port?: number;
  readonly wished?: number;
}): Promise<RedirectListener> {
  const server = createServer();
  const wished = ports.port ?? ports.wished ?? 0;
  try {
    await listening(server, wished);
  } catch (error) {
    if (ports.port !== undefined) {
      const message = `The port ${ports.port} of 'redirectPort' cannot be listened on: ${messageOf(error)}. End what holds it, or set another.`;
      throw new HostError('redirect-port', message, { cause: error });
    }
    await listening(server, 0);
  }
  const url = `http://${HOST}:${(server.address() as AddressInfo).port}${PATH}`;
  return {
    url,
    arrival: (state) =>
      new Promise((resolve) => {
        server.on('request', (request, response) => {
          const target = URL.parse(request.url ?? '/', url);
          if (request.method !== 'GET' || target?.pathname !== PATH) return answer(response, 404, NOT_HERE);
          if (target.searchParams.get('state') !== state) return answer(response, 400, ANOTHER_LOGIN);
          answer(response, 200, target.searchParams.has('code') ? DONE : REFUSED);
          resolve(target.searchParams);
        });
      }),
    async [Symbol.asyncDispose]() {
      server.closeIdleConnections();
      // The page that is on its way still arrives: each answer closes its connection.
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The parameters of a redirect URL that a person brings by hand; undefined where it is not that of this login. */
export function pastedArrival(text: string, redirectUrl: string, state: string): URLSearchParams | undefined {
  const pasted = URL.parse(text.trim());
  const expected = new URL(redirectUrl);
  if (pasted?.origin !== expected.origin || pasted.pathname !== expected.pathname) return undefined;
  return pasted.searchParams.get('state') === state ? pasted.searchParams : undefined;
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const NOT_HERE = 'There is nothing here.';
const ANOTHER_LOGIN = 'This answers another login than the one that waits. Begin again with its own link.';
const REFUSED = 'The login was refused. You can close this window; the terminal says more.';
const DONE = 'The answer has arrived. You can close this window; the terminal says what came of it.';

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(
    `<!doctype html><html lang="en"><title>Switchyard</title><body style="font:1.2rem sans-serif;margin:4rem">${text}</body></html>`,
  );
}
