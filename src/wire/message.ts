/** JSON-RPC 2.0 messages as they stand on the wire, before anyone has checked what they carry. */
import { isJsonObject, type JsonObject } from '../json.ts';

export type RequestId = string | number;

interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type WireMessage = { readonly jsonrpc: '2.0' } & (
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: RequestId | undefined; readonly error: WireError }
);

/** Says what a parsed JSON value is; undefined where it is no JSON-RPC 2.0 message. */
export function classify(value: unknown): WireMessage | undefined {
  if (!isJsonObject(value) || value['jsonrpc'] !== '2.0') return undefined;
  const id = isRequestId(value['id']) ? value['id'] : undefined;
  const method = value['method'];
  if (typeof method === 'string') {
    const params = isJsonObject(value['params']) ? value['params'] : {};
    return id === undefined
      ? { jsonrpc: '2.0', kind: 'notification', method, params }
      : { jsonrpc: '2.0', kind: 'request', id, method, params };
  }
  if (isJsonObject(value['error'])) {
    const { code, message, data } = value['error'];
    const error = {
      code: typeof code === 'number' ? code : -32603,
      message: typeof message === 'string' ? message : 'The server sent an error without a message.',
      data,
    };
    return { jsonrpc: '2.0', kind: 'error', id, error };
  }
  if (id !== undefined && 'result' in value) {
    return { jsonrpc: '2.0', kind: 'result', id, result: value['result'] };
  }
  return undefined;
}

/** The id of what may be no message otherwise. */
export function requestIdOf(value: unknown): RequestId | undefined {
  const id = isJsonObject(value) ? value['id'] : undefined;
  return isRequestId(id) ? id : undefined;
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || typeof value === 'number';
}
