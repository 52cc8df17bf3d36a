/**
 * One client on one channel in both directions. The era is that of each request: a modern one carries its revision with it,
 * any other is of the 2025 era. Nothing that passes is parsed into a shape of ours and written again.
 */
import { InFlight } from '../../in-flight.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { Progress, ServerMessage } from '../../registry/contract.ts';
import { classify, type RequestId, requestIdOf, type WireMessage } from '../../wire/message.ts';
import type { Channel } from './channel.ts';
import { ClientLog } from './client-log.ts';
import {
  type ClientFacts,
  clientName,
  type ClientRequest,
  metaForServers,
  modernClient,
} from './client-request.ts';
import { type Facade, type FacadeListener, type ListKind, methodNotFound } from './facade.ts';
import { LegacyInput } from './legacy-input.ts';
import { Listening, streamNotification } from './listening.ts';
import { modernResult, withoutResultType } from './modern-result.ts';
import { OwnSession } from './own-session.ts';
import { uriOf } from './served-resources.ts';
import { WatchedResources } from './watched-resources.ts';
import {
  ERROR,
  type Era,
  META,
  legacyVersionFor,
  MODERN_VERSIONS,
  ONLY_LEGACY,
  ProtocolError,
  wireError,
} from './protocol.ts';

export interface SessionOptions {
  /** The name of the token with which the client came in. */
  readonly principal?: string | undefined;
}

/** Far above what a client needs, and little enough that what waits does not fill the memory. */
export const MAX_OPEN_REQUESTS = 1_000;
export const MAX_BATCH = 100;

const UNINTRODUCED: ClientFacts = {
  era: 'legacy',
  protocolVersion: legacyVersionFor(undefined),
  name: '',
  capabilities: {},
};
const NOBODY: Pick<ClientFacts, 'principal'> = {};

type Incoming = Extract<WireMessage, { kind: 'request' }>;

export class ClientSession implements FacadeListener {
  readonly #facade: Facade;
  /** Among those whom the facade tells. */
  readonly #place: number;
  readonly #channel: Channel;
  readonly #open = new InFlight<RequestId, AbortController>();
  #listening: Listening | undefined;
  /** What a client of the 2025 era said of itself. */
  #legacy: ClientFacts = UNINTRODUCED;
  readonly #session: OwnSession;
  /** Most clients watch nothing, and listen to no stream of changes. */
  #watched: WatchedResources | undefined;
  readonly #input: LegacyInput;
  readonly #log = new ClientLog();
  readonly #principal: Pick<ClientFacts, 'principal'>;
  #initialized = false;
  #closed = false;

  constructor(facade: Facade, channel: Channel, { principal }: SessionOptions = {}) {
    this.#facade = facade;
    this.#channel = channel;
    this.#principal = principal === undefined ? NOBODY : { principal };
    this.#input = new LegacyInput(channel);
    this.#session = new OwnSession({
      registry: facade.registry,
      forOneRequest: channel.forOneRequest === true,
      onInput: (request) => this.#input.outsideOfRequests(request, this.#legacy.capabilities),
    });
    this.#place = facade.add(this);
  }

  /** What a client of the 2025 era speaks, since it has introduced itself. */
  get legacyVersion(): string {
    return this.#legacy.protocolVersion;
  }

  /** One parsed line. A batch of the revision 2025-03-26 is answered one by one. */
  receive(value: unknown): void {
    if (!Array.isArray(value)) this.#receiveOne(value);
    else if (value.length === 0 || value.length > MAX_BATCH)
      this.#refuse(undefined, `A batch has from 1 to ${MAX_BATCH} messages, and this one ${value.length}.`);
    else for (const one of value as readonly unknown[]) this.#receiveOne(one);
  }

  #receiveOne(value: unknown): void {
    if (this.#closed) return;
    const message = classify(value);
    if (message === undefined) this.#refuse(requestIdOf(value), 'This is no JSON-RPC 2.0 message.');
    else if (message.kind === 'notification' && isJsonObject(value) && 'id' in value)
      this.#refuse(undefined, 'The id of a request is a text or a number.');
    else if (message.kind === 'request') void this.#answer(message);
    else if (message.kind === 'notification') this.#note(message.method, message.params);
    else this.#input.receive(message);
  }

  /** Ends what is open; the client gets no more answers. Idempotent. */
  close(): void {
    if (this.#closed) return;
    for (const result of this.#listening?.end() ?? []) this.#channel.send(result);
    this.#closed = true;
    this.#facade.remove(this.#place);
    this.#watched?.close();
    this.#input.close();
    this.#session.close();
    for (const controller of this.#open.values()) controller.abort(new Error('The client has gone.'));
    this.#open.clear();
  }

  onListChanged(kind: ListKind): void {
    const method = `notifications/${kind}/list_changed`;
    if (this.#initialized) this.#channel.send({ jsonrpc: '2.0', method });
    for (const message of this.#listening?.listChanged(kind, method) ?? []) this.#channel.send(message);
  }

  onMessage({ server, method, params, ...readers }: ServerMessage): void {
    if (!this.#session.hears(readers)) return;
    if (method === 'notifications/elicitation/complete') {
      this.#input.tellCompleted(params);
      return;
    }
    if (!this.#log.wants(params, this.#initialized) || this.#channel.congested()) return;
    this.#channel.send({ jsonrpc: '2.0', method, params: { logger: server, ...params } });
  }

  async #answer({ id, method, params }: Incoming): Promise<void> {
    if (this.#open.has(id) || this.#listening?.has(id) === true) {
      this.#refuse(id, `The id ${JSON.stringify(id)} is that of a request that is still open.`);
      return;
    }
    if (this.#open.size + (this.#listening?.size ?? 0) >= MAX_OPEN_REQUESTS) {
      const message = `More than ${MAX_OPEN_REQUESTS} requests of this client are open. Wait until one is answered.`;
      this.#refuse(id, message, ERROR.tooManyRequests);
      return;
    }
    const controller = new AbortController();
    this.#open.set(id, controller);
    let era: Era = 'legacy';
    let answer: JsonObject | undefined;
    try {
      const client = { ...(modernClient(params) ?? this.#legacy), ...this.#principal };
      era = client.era;
      const result = await this.#dispatch({ id, method, params, client, signal: controller.signal });
      answer = result && { result };
    } catch (error) {
      const refusal = wireError(error, era);
      if (era === 'legacy') this.#input.noteRefusal(refusal);
      answer = { error: refusal };
    }
    if (this.#open.get(id) === controller) this.#open.delete(id);
    // A cancelled request gets no answer (spec: basic/utilities/cancellation).
    if (this.#closed) return;
    if (controller.signal.aborted) this.#channel.unanswered?.(id);
    else if (answer !== undefined) this.#channel.send({ jsonrpc: '2.0', id, ...answer }, id);
  }

  /** Undefined where the answer comes later, or never. */
  async #dispatch(request: Dispatched): Promise<JsonObject | undefined> {
    const { method, params, client } = request;
    if (client.era === 'legacy') {
      if (method === 'initialize') return this.#initialize(params);
      if (method === 'ping') return {};
      if (method === 'logging/setLevel') {
        this.#session.setLogLevel(this.#log.setLevel(params['level']));
        return {};
      }
      if (method === 'resources/subscribe') return this.#subscribe(request);
      if (method === 'resources/unsubscribe') {
        this.#watched?.unwatch(uriOf(params));
        return {};
      }
      return withoutResultType(await this.#facade.handle(this.#clientRequest(request)));
    }
    const { serverInfo } = this.#facade;
    switch (method) {
      case 'server/discover':
        return modernResult(method, this.#discovery(), serverInfo);
      case 'subscriptions/listen':
        return this.#listen(request);
      default:
        if (ONLY_LEGACY.has(method)) throw methodNotFound(method);
        return modernResult(method, await this.#logged(request), serverInfo);
    }
  }

  /** What servers log meanwhile goes to the client, where it asked for that with the request. */
  async #logged(request: Dispatched): Promise<JsonObject> {
    const whole = this.#clientRequest(request);
    const stop = this.#log.during(request.id, whole.meta);
    try {
      return await this.#facade.handle(whole);
    } finally {
      stop();
    }
  }

  async #subscribe({ params, client }: Dispatched): Promise<JsonObject> {
    await this.#watching().watch(uriOf(params), { client, key: this.#session.keyOf(client) });
    return {};
  }

  #watching(): WatchedResources {
    this.#watched ??= new WatchedResources(this.#facade, (uri, stream) => this.#tellUpdated(uri, stream));
    return this.#watched;
  }

  /** The stream ends with its cancellation, and without an answer. */
  async #listen({ id, params, client, signal }: Dispatched): Promise<undefined> {
    this.#listening ??= new Listening(this.#facade.serverInfo);
    const wanted = this.#listening.begin(id, params, this.#facade.capabilities);
    const { uris } = wanted;
    const watched =
      uris.length === 0
        ? []
        : await this.#watching().watchAll(uris, { client, key: this.#session.keyOf(client) }, id);
    if (this.#closed || signal.aborted) {
      this.#watched?.unwatchStream(id);
      this.#listening?.forget(id);
      return;
    }
    this.#channel.send(this.#listening.acknowledge(id, { ...wanted, uris: watched }), id);
  }

  #clientRequest({ id, method, params, client, signal }: Dispatched): ClientRequest {
    const { progressToken } = isJsonObject(params['_meta']) ? params['_meta'] : {};
    const wanted = typeof progressToken === 'string' || typeof progressToken === 'number';
    const key = this.#session.keyOf(client);
    return {
      method,
      params,
      meta:
        client.era === 'legacy'
          ? { [META.logLevel]: this.#log.level, ...metaForServers(params) }
          : metaForServers(params),
      client,
      key,
      signal,
      ...(client.era === 'legacy' ? { input: this.#input.during(id, key, client.capabilities) } : {}),
      ...(wanted ? { onProgress: (progress) => this.#tellProgress(id, progressToken, progress) } : {}),
    };
  }

  #initialize(params: JsonObject): JsonObject {
    const protocolVersion = legacyVersionFor(params['protocolVersion']);
    this.#legacy = {
      era: 'legacy',
      protocolVersion,
      name: clientName(params['clientInfo']),
      capabilities: isJsonObject(params['capabilities']) ? params['capabilities'] : {},
    };
    const { capabilities, serverInfo, instructions } = this.#facade;
    return { protocolVersion, capabilities, serverInfo, instructions };
  }

  #discovery(): JsonObject {
    const { capabilities, instructions } = this.#facade;
    return { supportedVersions: MODERN_VERSIONS, capabilities, instructions };
  }

  #note(method: string, params: JsonObject): void {
    const { requestId } = params;
    if (method === 'notifications/initialized') this.#initialized = true;
    if (method === 'notifications/roots/list_changed') this.#session.rootsChanged();
    if (method !== 'notifications/cancelled') return;
    if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
    const reason = typeof params['reason'] === 'string' ? params['reason'] : 'The client cancelled it.';
    this.#open.get(requestId)?.abort(new Error(reason));
    this.#listening?.forget(requestId);
    this.#watched?.unwatchStream(requestId);
  }

  #tellProgress(id: RequestId, progressToken: Json, progress: Progress): void {
    if (this.#closed || this.#channel.congested(id)) return;
    const params = { ...progress, progressToken };
    this.#channel.send({ jsonrpc: '2.0', method: 'notifications/progress', params }, id);
  }

  #tellUpdated(uri: string, stream: RequestId | undefined): void {
    const method = 'notifications/resources/updated';
    if (stream === undefined) this.#channel.send({ jsonrpc: '2.0', method, params: { uri } });
    else if (this.#listening?.isAcknowledged(stream) === true)
      this.#channel.send(streamNotification(method, stream, { uri }), stream);
  }

  #refuse(id: RequestId | undefined, message: string, code: number = ERROR.invalidRequest): void {
    const error = wireError(new ProtocolError(code, message), 'legacy');
    this.#channel.send({ jsonrpc: '2.0', id: id ?? null, error }, id);
  }
}

interface Dispatched extends Pick<Incoming, 'id' | 'method' | 'params'> {
  readonly client: ClientFacts;
  readonly signal: AbortSignal;
}
