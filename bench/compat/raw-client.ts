/** JSON-RPC by hand: what a server said is compared as it came, and no schema has been at it. */
import { type JsonObject, jsonText } from '../../src/json.ts';

export type Era = 'modern' | 'legacy';

export interface RawClient extends AsyncDisposable {
  /** Rejects on an error of the protocol. */
  request(method: string, params?: JsonObject): Promise<JsonObject>;
  notify(method: string): Promise<void>;
}

const CLIENT_INFO = { name: 'switchyard-compat', version: '1.0.0' };

/** Those that the gateway has before its servers: some of them list other tools to a client that can do less. */
const CAPABILITIES: JsonObject = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: {},
};

export interface IntroducedClient extends RawClient {
  /** What the server tells a client's model. */
  instructions(): Promise<string>;
}

/** Introduces the client where its era has an introduction; in the modern one every request carries it. */
export async function introduced(client: RawClient, era: Era): Promise<IntroducedClient> {
  if (era === 'modern') {
    const request: RawClient['request'] = (method, params = {}) =>
      client.request(method, { ...params, _meta: META });
    return {
      ...client,
      request,
      instructions: async () => jsonText((await request('server/discover'))['instructions']),
    };
  }
  const { instructions } = await client.request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: CAPABILITIES,
    clientInfo: CLIENT_INFO,
  });
  await client.notify('notifications/initialized');
  return { ...client, instructions: async () => jsonText(instructions) };
}

const META: JsonObject = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
  'io.modelcontextprotocol/clientCapabilities': CAPABILITIES,
};

export interface RawAnswer {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string };
}

export function resultOf({ result, error }: RawAnswer): JsonObject {
  if (result === undefined) throw new Error(`${error?.code ?? 'No result'}: ${error?.message ?? ''}`);
  return result;
}
