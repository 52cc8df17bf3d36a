/** What a sender is answered: a status of HTTP and a line of JSON. */
import type { ServerResponse } from 'node:http';

import type { JsonObject } from '../../../../json.ts';

export interface Answer {
  readonly status: number;
  /** A text is sent as it is. */
  readonly body: JsonObject | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refusal(status: number, error: string, headers?: Readonly<Record<string, string>>): Answer {
  return { status, body: { error }, ...(headers === undefined ? {} : { headers }) };
}

/** It can be sent again after so long. */
export function tryAgain(status: 429 | 503, error: string, afterSeconds: number): Answer {
  return refusal(status, error, { 'Retry-After': String(afterSeconds) });
}

export function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const isText = typeof body === 'string';
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  response
    .writeHead(status, {
      ...headers,
      'Content-Type': isText ? 'text/plain; charset=utf-8' : 'application/json',
      'Content-Length': bytes.length,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(bytes);
}
