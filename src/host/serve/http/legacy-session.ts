/** A session of a client of the 2025 era: what it has open, and on which of its streams it is told what. */
import type { ServerResponse } from 'node:http';

import { InFlight } from '../../../in-flight.ts';
import type { JsonObject } from '../../../json.ts';
import type { RequestId } from '../../../wire/message.ts';
import type { Channel } from '../channel.ts';
import { ClientSession } from '../client-session.ts';
import type { Facade } from '../facade.ts';
import { serialised } from '../serialised.ts';
import type { ClientResponse } from './client-response.ts';
import type { OpenResponses } from './open-responses.ts';
import type { ReplayStore } from './replay-store.ts';
import { type EventPosition, ReplayableStream } from './replayable-stream.ts';
import { RequestStream } from './request-stream.ts';

/** Streams without a request that are open at once; a client has one. */
const MAX_STANDING = 4;
/** Streams that are over and are kept for a client that lost the end. */
const MAX_OVER = 8;

const NONE: readonly ReplayableStream[] = [];

export interface LegacySessionOptions {
  readonly id: string;
  /** Whose token opened it; nobody else's is good for it. */
  readonly principal: string | undefined;
  readonly facade: Facade;
  readonly responses: OpenResponses;
  readonly store: ReplayStore;
}

export class LegacySession implements Channel {
  readonly id: string;
  readonly principal: string | undefined;
  readonly #client: ClientSession;
  readonly #responses: OpenResponses;
  readonly #store: ReplayStore;
  readonly #requests = new InFlight<RequestId, RequestStream>();
  /** Of requests, by their keys; the oldest first. */
  readonly #streams = new InFlight<string, ReplayableStream>();
  /** For what belongs to no request; the newest last. */
  #standing: readonly ReplayableStream[] = NONE;
  #lastKey = 0;
  #connections = 0;
  #lastUsedMs = performance.now();
  #isBegun = false;

  constructor({ id, principal, facade, responses, store }: LegacySessionOptions) {
    this.id = id;
    this.principal = principal;
    this.#client = new ClientSession(facade, this, { principal });
    this.#responses = responses;
    this.#store = store;
  }

  get protocolVersion(): string {
    return this.#client.legacyVersion;
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Whether the client has anything open. */
  get isInUse(): boolean {
    return this.#requests.size > 0 || this.#connections > 0;
  }

  /** On the clock of `performance.now()`. While something is open, that is now. */
  get lastUsedMs(): number {
    return this.isInUse ? performance.now() : this.#lastUsedMs;
  }

  hasOpen(id: RequestId): boolean {
    return this.#requests.has(id);
  }

  /** What needs no answer: notifications, and answers to what the client was asked. */
  take(value: unknown): void {
    this.#lastUsedMs = performance.now();
    this.#client.receive(value);
  }

  /** `ids` are those of the requests in it, of which none is open. */
  request(value: unknown, ids: readonly RequestId[], response: ServerResponse): void {
    this.#isBegun = true;
    const stream = new RequestStream(ids);
    const opened = this.#open(response, () => {
      const replayable = this.#newStream('r');
      this.#streams.set(replayable.key, replayable);
      stream.becomes(replayable);
      return this.#primes ? replayable.primer : '';
    });
    stream.respond(opened);
    for (const id of ids) this.#requests.set(id, stream);
    this.#client.receive(value);
  }

  /** A stream for what belongs to no request. It goes on where one without a connection was. */
  listen(response: ServerResponse): void {
    let stream = this.#standing.at(-1);
    if (stream === undefined || stream.isConnected) stream = this.#addStanding();
    this.#connect(stream, response);
    stream.replay();
  }

  /** False where there is nothing to come back for. */
  resume({ key, sequence }: EventPosition, response: ServerResponse): boolean {
    const standing = this.#standing.find((stream) => stream.key === key);
    const stream = standing ?? this.#streams.get(key);
    if (stream?.hasMore(sequence) !== true) return false;
    this.#connect(stream, response);
    stream.replay(sequence);
    return true;
  }

  send(message: JsonObject, relatedTo?: RequestId): void {
    const text = serialised(message);
    const stream = relatedTo === undefined ? undefined : this.#requests.get(relatedTo);
    if (relatedTo !== undefined && message['method'] === undefined) {
      this.#requests.delete(relatedTo);
      stream?.answer(relatedTo, text);
      this.#forgetOldStreams();
    } else if (stream?.tell(text) !== true) {
      (this.#standing.findLast(({ isConnected }) => isConnected) ?? this.#lastStanding()).send(text);
    }
  }

  unanswered(id: RequestId): void {
    const stream = this.#requests.get(id);
    this.#requests.delete(id);
    stream?.answer(id, undefined);
    this.#forgetOldStreams();
  }

  congested(relatedTo?: RequestId): boolean {
    if (relatedTo !== undefined) return this.#requests.get(relatedTo)?.congested === true;
    return this.#standing.findLast(({ isConnected }) => isConnected)?.congested === true;
  }

  /** Ends the streams that no request waits on. */
  endStanding(): void {
    for (const stream of this.#standing) stream.end();
  }

  /** `reason` is told to the requests that are open. Idempotent. */
  close(reason: JsonObject): void {
    this.#client.close();
    for (const [id, stream] of this.#requests.entries())
      stream.answer(id, serialised({ jsonrpc: '2.0', id, error: reason }));
    this.#requests.clear();
    for (const stream of [...this.#standing, ...this.#streams.values()]) {
      stream.end();
      stream.forget();
    }
    this.#standing = NONE;
    this.#streams.clear();
  }

  /** Events without data are of the revision 2025-11-25; clients of older ones take them for messages. */
  get #primes(): boolean {
    return this.#client.legacyVersion >= '2025-11-25';
  }

  #open(response: ServerResponse, preamble?: () => string): ClientResponse {
    this.#connections += 1;
    const onClosed = (): void => {
      this.#connections -= 1;
      this.#lastUsedMs = performance.now();
    };
    const headers = { 'Mcp-Session-Id': this.id };
    return this.#responses.add(response, {
      headers,
      onClosed,
      ...(preamble === undefined ? {} : { preamble }),
    });
  }

  #connect(stream: ReplayableStream, response: ServerResponse): void {
    const connection = this.#open(response, () => (this.#primes ? stream.primer : ''));
    stream.connect(connection);
    connection.begin();
  }

  #newStream(kind: 'r' | 's'): ReplayableStream {
    this.#lastKey += 1;
    return new ReplayableStream(`${kind}${this.#lastKey}`, this.#store);
  }

  #lastStanding(): ReplayableStream {
    return this.#standing.at(-1) ?? this.#addStanding();
  }

  #addStanding(): ReplayableStream {
    const stream = this.#newStream('s');
    this.#standing = [...this.#standing, stream];
    if (this.#standing.length > MAX_STANDING) {
      const [oldest, ...others] = this.#standing;
      this.#standing = others;
      oldest?.end();
      oldest?.forget();
    }
    return stream;
  }

  #forgetOldStreams(): void {
    if (this.#streams.size <= MAX_OVER) return;
    const over = [...this.#streams.values()].filter(({ isOver }) => isOver);
    for (const stream of over.slice(0, -MAX_OVER)) {
      stream.forget();
      this.#streams.delete(stream.key);
    }
  }
}
