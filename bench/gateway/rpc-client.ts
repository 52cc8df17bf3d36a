/** JSON-RPC by hand: the client that measures is to cost little beside what it measures. */
import type { JsonObject } from '../../src/json.ts';

export interface RpcClient extends AsyncDisposable {
  /** Its requests stand alone: there is no handshake. */
  readonly isModern?: boolean;
  /** Where it speaks to, over HTTP. */
  readonly url?: string;
  /** Rejects on an error of the protocol. */
  request(method: string, params: JsonObject): Promise<JsonObject>;
  notify(method: string): Promise<void>;
}

export interface RpcAnswer {
  readonly id?: number;
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Of the 2025 era, which all gateways speak. */
export async function handshake(client: RpcClient): Promise<void> {
  if (client.isModern === true) {
    await client.request('server/discover', {});
    return;
  }
  await client.request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1.0.0' },
  });
  await client.notify('notifications/initialized');
}

export function requestText(id: number, method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

export function notificationText(method: string): string {
  return JSON.stringify({ jsonrpc: '2.0', method });
}

export function resultOf({ result, error }: RpcAnswer): JsonObject {
  if (result === undefined) throw new Error(`${error?.code ?? 'No result'}: ${error?.message ?? ''}`);
  return result;
}

/** What was asked and is not answered yet, for clients whose answers come on one stream. */
export class OpenRequests {
  readonly #open = new Map<number, PromiseWithResolvers<JsonObject>>();
  #lastId = 0;

  add(): { readonly id: number; readonly answer: Promise<JsonObject> } {
    const id = ++this.#lastId;
    const settle = Promise.withResolvers<JsonObject>();
    this.#open.set(id, settle);
    return { id, answer: settle.promise };
  }

  settle(answer: RpcAnswer): void {
    const open = this.#open.get(answer.id ?? 0);
    if (open === undefined) return;
    this.#open.delete(answer.id ?? 0);
    if (answer.result === undefined)
      open.reject(new Error(`${answer.error?.code}: ${answer.error?.message}`));
    else open.resolve(answer.result);
  }

  fail(reason: string): void {
    for (const { reject } of this.#open.values()) reject(new Error(reason));
    this.#open.clear();
  }
}
