/** A request that is turned away: a status of HTTP, and an error of JSON-RPC that says why. */
import type { ServerResponse } from 'node:http';

import type { Json } from '../../../json.ts';
import type { RequestId } from '../../../wire/message.ts';

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
  /** Of the message that is refused, where it is known. */
  readonly id?: RequestId | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuse(response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent || response.destroyed) return;
  const { status, code, message, data, id = null, headers } = refusal;
  const error = { code, message, ...(data === undefined ? {} : { data }) };
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, error }));
  response
    .writeHead(status, { ...headers, 'Content-Type': 'application/json', 'Content-Length': body.length })
    .end(body);
}
