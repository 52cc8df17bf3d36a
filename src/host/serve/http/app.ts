/** Which request goes where. */
import type { ServerResponse } from 'node:http';

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';

import { messageOf } from '../../../errors.ts';
import type { LogSink } from '../../../registry/contract.ts';
import { ERROR } from '../protocol.ts';
import type { Admission } from './admission.ts';
import { allowPages, PREFLIGHT } from './cross-origin.ts';
import type { Endpoint } from './endpoint.ts';
import type { Meant } from './rebinding.ts';
import { refuse } from './refuse.ts';

export interface AppOptions {
  readonly endpoint: Endpoint;
  readonly meant: Meant;
  readonly admission: Admission;
  readonly log: LogSink;
}

const METHODS = 'GET, POST, DELETE, OPTIONS';

export function createApp({ endpoint, meant, admission, log }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.disable('query parser');
  const checkMeant: RequestHandler = (request, response, next) => {
    const refusal = meant(request.headers, request.socket.localAddress);
    if (refusal === undefined) next();
    else refuse(response, refusal);
  };
  app
    .route('/mcp')
    .all(checkMeant, allowPages)
    .options((_, response) => void response.writeHead(204, { ...PREFLIGHT, Allow: METHODS }).end())
    .all(...admission.handlers)
    .post((request, response) => endpoint.post(request, response, admission.principalOf(request)))
    .head((_, response) => wrongMethod(response, METHODS))
    .get((request, response) => endpoint.get(request, response, admission.principalOf(request)))
    .delete((request, response) => endpoint.delete(request, response, admission.principalOf(request)))
    .all((_, response) => wrongMethod(response, METHODS));
  app
    .route('/healthz')
    .get((_, response) => tell(response, 200, 'ok'))
    .all((_, response) => wrongMethod(response, 'GET, HEAD'));
  app
    .route('/readyz')
    .get((_, response) => (endpoint.isClosing ? tell(response, 503, 'ending') : tell(response, 200, 'ok')))
    .all((_, response) => wrongMethod(response, 'GET, HEAD'));
  app.use((_, response) => {
    refuse(response, {
      status: 404,
      code: ERROR.invalidRequest,
      message: 'There is nothing here. MCP is at /mcp.',
    });
  });
  const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const reason = messageOf(error);
    log({ level: 'error', component: 'serve', event: 'http-request-failed', fields: { reason } });
    if (response.headersSent) response.destroy();
    else
      refuse(response, {
        status: 500,
        code: ERROR.internal,
        message: 'The server failed; its log says why.',
      });
  };
  app.use(onError);
  return app;
}

function tell(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }).end(`${text}\n`);
}

function wrongMethod(response: ServerResponse, allowed: string): void {
  const message = `This method is none of those that are served here: ${allowed}.`;
  refuse(response, { status: 405, code: ERROR.invalidRequest, message, headers: { Allow: allowed } });
}
