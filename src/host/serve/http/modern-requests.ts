/** Clients of the revision 2026-07-28: each POST stands alone, and whoever closes its response cancels it. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

import { InFlight } from '../../../in-flight.ts';
import { isJsonObject, type JsonObject } from '../../../json.ts';
import { shownName } from '../../../nearest-name.ts';
import { classify, type RequestId, type WireMessage } from '../../../wire/message.ts';
import { modernClient } from '../client-request.ts';
import { ClientSession } from '../client-session.ts';
import type { Facade } from '../facade.ts';
import { ERROR, META, MODERN_VERSIONS, ProtocolError } from '../protocol.ts';
import { serialised } from '../serialised.ts';
import type { ClientResponse } from './client-response.ts';
import { CLOSING, type Closing } from './closing.ts';
import type { OpenResponses } from './open-responses.ts';
import { parameterMismatch } from './parameter-headers.ts';
import type { Refusal } from './refuse.ts';
import { headerMismatch, versionMismatch } from './standard-headers.ts';

type Request = Extract<WireMessage, { kind: 'request' }>;

/** Whether a message, or the header beside it, says that it is of the modern era. */
export function isModern(headers: IncomingHttpHeaders, value: unknown): boolean {
  const version = headers['mcp-protocol-version'];
  if (typeof version === 'string' && MODERN_VERSIONS.includes(version)) return true;
  const params = isJsonObject(value) ? value['params'] : undefined;
  const meta = isJsonObject(params) ? params['_meta'] : undefined;
  return isJsonObject(meta) && META.protocolVersion in meta;
}

export class ModernRequests {
  readonly #facade: Facade;
  readonly #responses: OpenResponses;
  readonly #open = new InFlight<number, Open>();
  #lastKey = 0;
  readonly #closing: Closing;

  constructor(facade: Facade, responses: OpenResponses, closing: Closing) {
    this.#facade = facade;
    this.#responses = responses;
    this.#closing = closing;
  }

  /** What is said instead of serving it; undefined where it is served. */
  serve(posted: Posted, response: ServerResponse): Refusal | undefined {
    const { value, headers } = posted;
    const message = classify(value);
    if (message?.kind === 'notification') {
      response.writeHead(202).end();
      return undefined;
    }
    if (message?.kind !== 'request')
      return refusal('A POST carries one request or one notification of JSON-RPC 2.0.', ERROR.invalidRequest);
    const refused = this.#closing.isClosing ? CLOSING : this.#refusalOf(headers, message);
    if (refused !== undefined) return { ...refused, id: message.id };
    this.#serve(posted, message, response);
    return undefined;
  }

  /** Ends the streams that would not end by themselves; their clients are told so. */
  endStreams(): void {
    for (const { client, isListening } of this.#open.values()) if (isListening) client.close();
  }

  /** `reason` is told to the requests that are open. */
  endAll(reason: JsonObject): void {
    for (const { client, response, id } of this.#open.values()) {
      client.close();
      answer(response, { jsonrpc: '2.0', id, error: reason });
    }
  }

  #serve({ value, principal }: Posted, { id, method }: Request, to: ServerResponse): void {
    const key = ++this.#lastKey;
    const response = this.#responses.add(to, {
      onClosed: () => {
        this.#open.delete(key);
        client.close();
      },
    });
    const client = new ClientSession(
      this.#facade,
      {
        send: (message) => answer(response, message),
        unanswered: () => response.end(),
        congested: () => response.congested,
        forOneRequest: true,
      },
      { principal },
    );
    const open: Open = { client, response, id, isListening: method === 'subscriptions/listen' };
    this.#open.set(key, open);
    client.receive(value);
  }

  #refusalOf(headers: IncomingHttpHeaders, { method, params }: Request): Refusal | undefined {
    const otherVersion = versionMismatch(headers, params);
    if (otherVersion !== undefined) return refusal(otherVersion, ERROR.headerMismatch);
    try {
      if (modernClient(params) === undefined)
        return refusal(`_meta["${META.protocolVersion}"] is missing.`, ERROR.invalidParams);
    } catch (error) {
      if (error instanceof ProtocolError) return { status: 400, ...dataOf(error), message: error.message };
      throw error;
    }
    const mismatch = headerMismatch(headers, { method, params });
    if (mismatch !== undefined) return refusal(mismatch, ERROR.headerMismatch);
    if (!this.#facade.implements(method))
      return { status: 404, code: ERROR.methodNotFound, message: `Method not found: ${shownName(method)}` };
    if (method !== 'tools/call' || typeof params['name'] !== 'string') return undefined;
    const schema = this.#facade.inputSchemaOf(params['name']);
    const inArguments = schema && parameterMismatch(headers, schema, params['arguments']);
    return inArguments === undefined ? undefined : refusal(inArguments, ERROR.headerMismatch);
  }
}

interface Open {
  readonly client: ClientSession;
  readonly response: ClientResponse;
  readonly id: RequestId;
  /** It would not end by itself. */
  readonly isListening: boolean;
}

export interface Posted {
  readonly value: unknown;
  readonly headers: IncomingHttpHeaders;
  readonly principal: string | undefined;
}

function answer(response: ClientResponse, message: JsonObject): void {
  const text = serialised(message);
  if (message['method'] !== undefined) response.event(text);
  else if (response.isStream) response.end(text);
  else response.json(statusOf(message), text);
}

function refusal(message: string, code: number): Refusal {
  return { status: 400, code, message };
}

function dataOf({ code, data }: ProtocolError): Pick<Refusal, 'code' | 'data'> {
  return { code, ...(data === undefined ? {} : { data }) };
}

/** Errors of whoever answered behind us come with 200; the specification has a status for this one (basic/index). */
function statusOf({ error }: JsonObject): number {
  return isJsonObject(error) && error['code'] === ERROR.missingCapability ? 400 : 200;
}
