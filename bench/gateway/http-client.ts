import { Pool } from 'undici';

import type { JsonObject } from '../../src/json.ts';
import { notificationText, requestText, resultOf, type RpcAnswer, type RpcClient } from './rpc-client.ts';

export interface HttpRpcClient extends RpcClient {
  /** The session that the server gave, by which requests go on with it. */
  readonly sessionId: string | undefined;
  /** Ends the session, where there is one. */
  end(): Promise<void>;
}

export interface HttpClientOptions {
  /** Shared by several sessions; it is the caller's to close then. */
  readonly pool?: Pool;
  /** Of the revision 2026-07-28: each request stands alone, and says whose it is. */
  readonly isModern?: boolean;
}

/** Streamable HTTP over one pool of connections that are kept. */
export function httpClient(url: string, options: HttpClientOptions = {}): HttpRpcClient {
  const { origin, pathname: path } = new URL(url);
  const pool = options.pool ?? createPool(origin);
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  let lastId = 0;
  const post = async (
    body: string,
    more?: Readonly<Record<string, string>>,
  ): Promise<{ readonly text: string; readonly isStream: boolean }> => {
    const response = await pool.request({ method: 'POST', path, headers: { ...headers, ...more }, body });
    const text = await response.body.text();
    const { statusCode } = response;
    if (statusCode >= 300) throw new Error(`HTTP ${statusCode}: ${text.slice(0, 300)}`);
    const sessionId = response.headers['mcp-session-id'];
    if (typeof sessionId === 'string') headers['mcp-session-id'] ??= sessionId;
    return { text, isStream: String(response.headers['content-type']).startsWith('text/event-stream') };
  };
  return {
    url,
    isModern: options.isModern === true,
    get sessionId() {
      return headers['mcp-session-id'];
    },
    async request(method, params) {
      const id = ++lastId;
      if (options.isModern === true) {
        const { text, isStream } = await post(
          requestText(id, method, { ...params, _meta: MODERN_META }),
          modernHeaders(method, params),
        );
        return resultOf(isStream ? answerIn(text, id) : (JSON.parse(text) as RpcAnswer));
      }
      const { text, isStream } = await post(requestText(id, method, params));
      const result = resultOf(isStream ? answerIn(text, id) : (JSON.parse(text) as RpcAnswer));
      if (method === 'initialize') headers['mcp-protocol-version'] = versionOf(result);
      return result;
    },
    async notify(method) {
      await post(notificationText(method));
    },
    async end() {
      const { statusCode, body } = await pool.request({ method: 'DELETE', path, headers });
      await body.dump();
      if (statusCode >= 300) throw new Error(`HTTP ${statusCode} for the end of a session`);
    },
    async [Symbol.asyncDispose]() {
      if (options.pool === undefined) await pool.destroy();
    },
  };
}

export function createPool(origin: string): Pool {
  return new Pool(origin, { connections: 32, pipelining: 1, keepAliveTimeout: 60_000 });
}

const MODERN_META: JsonObject = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** What of a request stands in headers as well (spec 2026-07-28: basic/transports). */
function modernHeaders(method: string, { name }: JsonObject): Readonly<Record<string, string>> {
  return {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
  };
}

function versionOf({ protocolVersion }: JsonObject): string {
  return typeof protocolVersion === 'string' ? protocolVersion : '2025-11-25';
}

/** The stream of one request ends with its answer. */
function answerIn(stream: string, id: number): RpcAnswer {
  for (const line of stream.split('\n')) {
    if (!line.startsWith('data:')) continue;
    const data = line.slice('data:'.length).trim();
    if (data === '') continue;
    const message = JSON.parse(data) as RpcAnswer;
    if (message.id === id) return message;
  }
  throw new Error(`The stream ended without an answer: ${stream.slice(0, 300)}`);
}
