/** A request that is turned away before it is read: a JSON-RPC error that belongs to no id. */
import type { ServerResponse } from 'node:http';

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refuse(response: ServerResponse, { status, code, message, headers }: Refusal): void {
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(body);
}
