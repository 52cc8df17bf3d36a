/** One of our servers over streamable HTTP at `/mcp`, for this machine only; `/healthz` answers whether it is up. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';

import { HostError } from '../errors.ts';
import { isLoopbackHost } from '../loopback.ts';
import type { HttpAddress } from './http-address.ts';
import type { ServerLog } from './log.ts';
import type { BuildServer } from './serve.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Listens and returns once connections are accepted. Throws a HostError with code `not-loopback` for any other host, since
 * a server alone asks nobody who they are, and `listen-failed` when the port cannot be had.
 */
export async function serveHttp(
  build: BuildServer,
  address: HttpAddress,
  log: ServerLog,
): Promise<{ close(): Promise<void> }> {
  if (!isLoopbackHost(address.host)) {
    throw new HostError(
      'not-loopback',
      `Refusing to listen on '${address.host}': this server has no login. Use 127.0.0.1, ::1 or localhost.`,
    );
  }
  const { localhostHostValidation, localhostOriginValidation, toNodeHandler } = await import(
    '@modelcontextprotocol/node'
  );
  const onerror = (error: Error): void => log('warn', 'request failed', { error: error.message });
  const handler = createMcpHandler(() => build(), { onerror, maxRequestBodySize: MAX_BODY_BYTES });
  const answer = toNodeHandler(handler, { onerror, maxRequestBodySize: MAX_BODY_BYTES });
  const hostAllowed = localhostHostValidation();
  const originAllowed = localhostOriginValidation();

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (!hostAllowed(request, response) || !originAllowed(request, response)) return;
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/mcp') void answer(request as NodeIncomingMessageLike, response);
    else if (path === '/healthz') reply(response, 200, { status: 'ok' });
    else reply(response, 404, { error: `There is nothing at ${path}. The server answers at /mcp.` });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new HostError('listen-failed', `Cannot listen on ${address.host}:${address.port}: ${error.message}`, {
          cause: error,
        }),
      );
    });
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const shownHost = address.host.includes(':') ? `[${address.host}]` : address.host;
  log('info', 'listening', { url: `http://${shownHost}:${port}/mcp` });
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function reply(response: ServerResponse, status: number, body: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
