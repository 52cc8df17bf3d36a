/** One live link to one server: one transport, one protocol era, the requests in flight. */
import { Client, type ClientOptions } from '@modelcontextprotocol/client';

import { messageOf } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { type Answer, answerOf, noTurn } from './answer.ts';
import { AuthFailure } from './auth-failure.ts';
import { keepListening, listenToResource, type ResourceStream } from './change-stream.ts';
import type { ConnectionOptions, Era, Handshake, SendOptions, TransportKind } from './connection-options.ts';
import { ANYTHING, receiveFrom } from './incoming.ts';
import { InputRouter } from './input-router.ts';
import { RequestDeadline } from './request-deadline.ts';
import { RequestLedger, type RequestRecord } from './request-ledger.ts';
import { ServerLogLevel } from './server-log-level.ts';
import { createTransport, type ServerTransport } from './transport.ts';
import type { RequestId } from '../wire/message.ts';

/** The longest delay that setTimeout takes: our own timer decides, not the SDK's. */
const NEVER_MS = 2_147_483_647;
const LOG_LEVEL_TIMEOUT_MS = 10_000;
const PING_MS = 5_000;

/** The roots of one client may change; those of all who share a connection are none in particular. */
const capabilities = (ofOneClient: boolean): NonNullable<ClientOptions['capabilities']> => ({
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: ofOneClient ? { listChanged: true } : {},
  // Views are shown by whoever is served; a server asks for this before it has any.
  extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
});

export class Connection {
  readonly kind: TransportKind;
  readonly #options: ConnectionOptions;
  readonly #client: Client;
  readonly #transport: ServerTransport;
  readonly #ledger: RequestLedger;
  readonly #inputs: InputRouter;
  readonly #deadlines = new Set<RequestDeadline>();
  readonly #lifetime = new AbortController();
  #logLevel: ServerLogLevel | undefined;
  #usedAtMs = performance.now();
  #retained = 0;
  #closing: Promise<void> | undefined;
  #connected = false;
  #toldOfUnknownResponse = false;
  #lastToken = 0;

  constructor(options: ConnectionOptions, kind: TransportKind) {
    this.kind = kind;
    this.#options = options;
    this.#inputs = new InputRouter({
      ...options,
      server: options.definition.name,
      otherwise: options.onInput,
      settled: () => this.#ping(),
    });
    this.#ledger = new RequestLedger({ unknownResponse: (id) => this.#unknownResponse(id) });
    this.#transport = createTransport({ ...options, kind, ledger: this.#ledger });
    this.#client = new Client({ ...options.clientInfo }, { capabilities: capabilities(options.ofOneClient) });
  }

  get era(): Era {
    return this.#client.getProtocolEra() ?? 'legacy';
  }

  get protocolVersion(): string | undefined {
    return this.#client.getNegotiatedProtocolVersion();
  }

  get serverInfo(): JsonObject | undefined {
    const info: unknown = this.#client.getServerVersion();
    return isJsonObject(info) ? info : undefined;
  }

  get instructions(): string | undefined {
    return this.#client.getInstructions();
  }

  get capabilities(): JsonObject {
    const capabilities: unknown = this.#client.getServerCapabilities();
    return isJsonObject(capabilities) ? capabilities : {};
  }

  get processId(): number | undefined {
    return this.#transport.processId;
  }

  get exitReason(): string | undefined {
    return this.#transport.exitReason();
  }

  get closed(): boolean {
    return this.#lifetime.signal.aborted;
  }

  /** For how long it has not been used; 0 while it is. */
  get idleMs(): number {
    return this.#deadlines.size + this.#retained > 0 ? 0 : performance.now() - this.#usedAtMs;
  }

  /** Somebody is about to use it. */
  touch(): void {
    this.#usedAtMs = performance.now();
  }

  /** It is used until the function that is returned is called, though no request is open. */
  retain(): () => void {
    this.#retained += 1;
    return () => {
      this.#retained -= 1;
      this.#usedAtMs = performance.now();
    };
  }

  /** Resolves when the connection has ended, by whichever side. */
  get ended(): Promise<void> {
    const { signal } = this.#lifetime;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** Performs the handshake. Rejects with what the SDK threw; the transport is then still to be closed. */
  async connect(handshake: Handshake): Promise<void> {
    const client = this.#client;
    const stop = () => void this.close();
    handshake.signal.addEventListener('abort', stop, { once: true });
    client.setVersionNegotiation({ mode: handshake.mode, probe: { timeoutMs: handshake.probeTimeoutMs } });
    client.onerror = (error) => this.#report(error);
    receiveFrom(client, {
      inputs: this.#inputs,
      relatedRequest: () => this.#transport.relatedRequest(),
      onResourceUpdated: this.#options.onResourceUpdated,
      onMessage: this.#options.onMessage,
      onListChanged: (kind) => {
        // What changes before it is connected is listed then.
        if (this.#connected) this.#options.onListChanged(kind, this);
      },
    });
    try {
      await client.connect(this.#transport, { timeout: handshake.timeoutMs });
    } finally {
      handshake.signal.removeEventListener('abort', stop);
    }
    if (this.closed || handshake.signal.aborted)
      throw new Error('The connection was closed while it was made.');
    this.#connected = true;
    client.onclose = () => this.#lost();
    if (this.era === 'modern')
      void keepListening(client, this.capabilities, {
        signal: this.#lifetime.signal,
        onError: (error) => this.#report(error),
      });
  }

  /** Sends one request once. Rejects with what `onSend` throws, and with nothing else. */
  async send(method: string, params: JsonObject, options: SendOptions): Promise<Answer> {
    const caller = { client: options.client, onInput: options.onInput };
    const wait = { signal: options.signal, waitMs: options.timeoutMs };
    const waiting = this.#inputs.turn(method, caller, wait);
    const turn = waiting && (await waiting);
    if (turn === 'too-late' || turn === 'cancelled') return noTurn(turn, options.timeoutMs);
    // From here to the transport nothing is awaited.
    const deadline = new RequestDeadline(method, options.timeoutMs, options.signal);
    const progressToken = `switchyard-${++this.#lastToken}`;
    const record: RequestRecord = {
      progressToken,
      onProgress: (progress) => {
        deadline.refresh();
        this.#observe(() => options.onProgress?.(progress));
      },
    };
    this.#deadlines.add(deadline);
    const leave = this.#inputs.enter(method, { ...caller, record, hold: () => deadline.hold() });
    let answer: Answer | undefined;
    const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
    const request = {
      method,
      params: { ...params, _meta: { ...meta, progressToken } },
    };
    try {
      if (!this.closed && options.signal?.aborted !== true) options.onSend?.();
      answer = await this.#answerTo(request, record, { deadline, headers: options.headers });
      return answer;
    } finally {
      deadline.dispose();
      this.#deadlines.delete(deadline);
      this.#usedAtMs = performance.now();
      leave(answer);
      if (record.id !== undefined) this.#ledger.settle(record.id);
    }
  }

  /** Never rejects. */
  async #answerTo(
    request: { readonly method: string; readonly params: JsonObject },
    record: RequestRecord,
    { deadline, headers }: { readonly deadline: RequestDeadline; readonly headers: SendOptions['headers'] },
  ): Promise<Answer> {
    try {
      if (this.closed) throw new Error('The connection is closed.');
      const value = await this.#ledger.expect(record, () =>
        this.#client.request(request, ANYTHING, {
          signal: deadline.signal,
          timeout: NEVER_MS,
          ...(headers !== undefined && { headers: { ...headers } }),
        }),
      );
      return { type: 'result', result: record.result ?? value };
    } catch (thrown) {
      const answer = answerOf(thrown, record, deadline.ended);
      if (this.kind !== 'stdio') this.#judge(answer);
      return answer;
    }
  }

  /** Undefined where no level can be set: a modern server is told with each request, and others need not log. */
  get logLevel(): ServerLogLevel | undefined {
    if (this.era === 'modern' || this.capabilities['logging'] === undefined) return undefined;
    this.#logLevel ??= new ServerLogLevel((level) =>
      this.send('logging/setLevel', { level }, { timeoutMs: LOG_LEVEL_TIMEOUT_MS }),
    );
    return this.#logLevel;
  }

  /** Of servers of the 2025 era, which may have kept the roots that they were told. */
  tellRootsChanged(): void {
    if (this.era === 'modern' || this.closed) return;
    this.#client.sendRootsListChanged().catch((error: unknown) => this.#report(error));
  }

  /** Opens a listen stream for one resource (modern era). */
  listenTo(uri: string, signal: AbortSignal): ResourceStream {
    return listenToResource(this.#client, uri, signal);
  }

  /** Cancels what is in flight and ends the server in stages. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Where the server closed first, what is in flight is lost, not cancelled.
    if (!this.closed) {
      this.#lifetime.abort();
      const message = 'The connection was closed by the host.';
      for (const deadline of this.#deadlines) deadline.end({ cause: 'cancelled', message });
      this.#inputs.close();
    }
    await this.#transport.close();
  }

  #lost(failure?: AuthFailure): void {
    if (this.closed) return;
    this.#lifetime.abort();
    this.#inputs.close();
    this.#options.onLost(this.exitReason ?? 'the connection was closed by the server', failure);
    void this.#transport.close();
  }

  /** A remote server that cannot be reached, forgot our session or wants a login must be connected afresh. */
  #judge(answer: Answer): void {
    if (!this.#connected || this.closed) return;
    const sessionGone = answer.type === 'refused' && answer.code === 'http-404';
    const unreachable = answer.type === 'refused' && answer.code === 'server-unavailable';
    if (answer.type === 'refused' && answer.code === 'login-required')
      this.#lost(new AuthFailure(answer.code, answer.message));
    if (sessionGone || unreachable || (answer.type === 'lost' && answer.cause === 'connection-lost'))
      this.#lost();
  }

  /** Any answer says that it has read what was sent before. */
  async #ping(): Promise<void> {
    if (this.era === 'legacy') await this.send('ping', {}, { timeoutMs: PING_MS });
  }

  #unknownResponse(id: RequestId | undefined): void {
    if (this.#toldOfUnknownResponse) return;
    this.#toldOfUnknownResponse = true;
    this.#log('response-without-request', { id: id ?? null });
  }

  #report(error: unknown): void {
    if (this.closed) return;
    this.#log('connection-error', { reason: this.#options.redact(messageOf(error)).slice(0, 500) });
  }

  #log(event: string, fields: JsonObject): void {
    const server = this.#options.definition.name;
    this.#options.log({ level: 'debug', component: 'registry', event, server, fields });
  }

  #observe(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report(error);
    }
  }
}
