/** Requests to a client of the 2025 era, which answers them while its own is open. */
import { randomUUID } from 'node:crypto';

import { HostError } from '../../errors.ts';
import { InFlight } from '../../in-flight.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { RequestId, WireMessage } from '../../wire/message.ts';
import type { AskedInput, CallerInput } from '../tool-call/caller-input.ts';
import type { ClientKey, InputRequest } from '../../registry/contract.ts';
import { AskedUrls } from './asked-urls.ts';
import { canAnswer } from './client-input.ts';
import type { Channel } from './channel.ts';

type Answer = Extract<WireMessage, { kind: 'result' | 'error' }>;

export class LegacyInput {
  readonly #channel: Pick<Channel, 'send'>;
  readonly #waiting = new InFlight<RequestId, PromiseWithResolvers<JsonObject>>();
  readonly #urls = new AskedUrls();
  #lastId = 0;

  constructor(channel: Pick<Channel, 'send'>) {
    this.#channel = channel;
  }

  /** What the client is asked on behalf of one of its requests. */
  during(id: RequestId, client: ClientKey, capabilities: JsonObject): CallerInput {
    return {
      client,
      capabilities,
      can: (requests) => canAnswer(capabilities, requests),
      answer: (asked) => (canAnswer(capabilities, asked.requests) ? this.#askAll(id, asked) : undefined),
    };
  }

  /** What servers that the client has to itself ask outside of its requests. */
  async outsideOfRequests(asked: InputRequest, capabilities: JsonObject): Promise<JsonObject> {
    const { method, params, signal } = asked;
    if (canAnswer(capabilities, { asked: { method, params } }))
      return this.#ask({ method, params }, undefined, signal);
    if (method === 'roots/list') return { roots: [] };
    if (method === 'elicitation/create') return { action: 'decline' };
    throw new HostError('input-refused', 'The client does not answer for a model.');
  }

  receive(answer: Answer): void {
    const { id } = answer;
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting === undefined) return;
    if (answer.kind === 'error') waiting.reject(new HostError('input-refused', answer.error.message));
    else if (isJsonObject(answer.result)) waiting.resolve(answer.result);
    else waiting.reject(new HostError('input-refused', 'The client answered with no object.'));
  }

  /** An error that the client gets, which may lead it to URLs. */
  noteRefusal(error: JsonObject): void {
    this.#urls.noteRefusal(error);
  }

  /** A server says that a person is through with a URL. */
  tellCompleted(params: JsonObject): void {
    const method = 'notifications/elicitation/complete';
    if (this.#urls.take(params)) this.#channel.send({ jsonrpc: '2.0', method, params });
  }

  close(): void {
    for (const { reject } of this.#waiting.values())
      reject(new HostError('input-refused', 'The client has gone.'));
  }

  async #askAll(relatedTo: RequestId, { requests, signal }: AskedInput): Promise<JsonObject> {
    const answers = Object.entries(requests).map(
      async ([key, request]): Promise<[string, Json]> => [
        key,
        await this.#ask(isJsonObject(request) ? request : {}, relatedTo, signal),
      ],
    );
    return Object.fromEntries(await Promise.all(answers));
  }

  async #ask(
    { method = '', params }: JsonObject,
    relatedTo: RequestId | undefined,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    signal.throwIfAborted();
    const id = `switchyard-${++this.#lastId}`;
    const waiting = Promise.withResolvers<JsonObject>();
    this.#waiting.set(id, waiting);
    const onAbort = (): void => {
      const cancelled = { requestId: id, reason: 'The call that asked for it has ended.' };
      this.#channel.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: cancelled }, relatedTo);
      waiting.reject(new HostError('cancelled', 'The question was taken back.'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const asked = isJsonObject(params) ? { params: withElicitationId(params) } : {};
    if (asked.params !== undefined) this.#urls.note(asked.params);
    this.#channel.send({ jsonrpc: '2.0', id, method, ...asked }, relatedTo);
    try {
      return await waiting.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(id);
    }
  }
}

/** The 2025 era requires one of a URL; servers of the modern era have none. */
function withElicitationId(params: JsonObject): JsonObject {
  if (params['mode'] !== 'url' || params['elicitationId'] !== undefined) return params;
  return { ...params, elicitationId: randomUUID() };
}
