/** One live link to one server: one transport, one protocol era, the requests in flight. */
import { setTimeout as delay } from 'node:timers/promises';

import { Client, type ClientOptions, type StandardSchemaV1 } from '@modelcontextprotocol/client';

import { messageOf } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { type Answer, answerOf } from './answer.ts';
import type {
  ChangeKind,
  ConnectionOptions,
  Era,
  Handshake,
  SendOptions,
  TransportKind,
} from './connection-options.ts';
import { InputRouter } from './input-router.ts';
import { RequestDeadline } from './request-deadline.ts';
import { RequestLedger, type RequestRecord } from './request-ledger.ts';
import { createTransport, type ServerTransport } from './transport.ts';
import type { RequestId } from '../wire/message.ts';

/** The longest delay that setTimeout takes: our own timer decides, not the SDK's. */
const NEVER_MS = 2_147_483_647;
const RELISTEN_MS = 1_000;
const LOG_LEVEL_TIMEOUT_MS = 10_000;
const PING_MS = 5_000;

/** Accepts anything: what a server sent is read by us, with every field it has. */
const ANYTHING: StandardSchemaV1<unknown, JsonObject> = {
  '~standard': {
    version: 1,
    vendor: 'switchyard',
    validate: (value) => ({ value: isJsonObject(value) ? value : {} }),
  },
};

const CAPABILITIES: NonNullable<ClientOptions['capabilities']> = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: {},
};

export class Connection {
  readonly kind: TransportKind;
  readonly #options: ConnectionOptions;
  readonly #client: Client;
  readonly #transport: ServerTransport;
  readonly #ledger: RequestLedger;
  readonly #inputs: InputRouter;
  readonly #deadlines = new Set<RequestDeadline>();
  readonly #lifetime = new AbortController();
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
    this.#client = new Client({ ...options.clientInfo }, { capabilities: CAPABILITIES });
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
    this.#installHandlers();
    try {
      await client.connect(this.#transport, { timeout: handshake.timeoutMs });
    } finally {
      handshake.signal.removeEventListener('abort', stop);
    }
    if (this.closed || handshake.signal.aborted)
      throw new Error('The connection was closed while it was made.');
    this.#connected = true;
    client.onclose = () => this.#lost();
    if (this.era === 'modern') void this.#listen();
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

  /** Of servers of the 2025 era. One that refuses a level logs as it likes. */
  setLogLevel(level: string): void {
    if (this.era === 'modern' || this.capabilities['logging'] === undefined) return;
    void this.send('logging/setLevel', { level }, { timeoutMs: LOG_LEVEL_TIMEOUT_MS });
  }

  /** Opens a listen stream for one resource (modern era). `opened` tells a refusal; neither rejects. */
  listenTo(uri: string, signal: AbortSignal): { opened: Promise<Error | undefined>; ended: Promise<void> } {
    const listening = this.#client.listen({ resourceSubscriptions: [uri] }, { signal });
    return {
      opened: listening.then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      ),
      ended: listening
        .then((subscription) => subscription.closed)
        .then(
          () => undefined,
          () => undefined,
        ),
    };
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

  #lost(): void {
    if (this.closed) return;
    this.#lifetime.abort();
    this.#inputs.close();
    this.#options.onLost(this.exitReason ?? 'the connection was closed by the server');
    void this.#transport.close();
  }

  /** A remote server that cannot be reached, or that forgot our session, must be connected afresh. */
  #judge(answer: Answer): void {
    if (!this.#connected || this.closed) return;
    const sessionGone = answer.type === 'refused' && answer.code === 'http-404';
    const unreachable = answer.type === 'refused' && answer.code === 'server-unavailable';
    if (sessionGone || unreachable || (answer.type === 'lost' && answer.cause === 'connection-lost'))
      this.#lost();
  }

  #installHandlers(): void {
    const client = this.#client;
    for (const method of ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const) {
      client.setRequestHandler(method, { params: ANYTHING }, async (params, context) => ({
        ...(await this.#inputs.answer({
          method,
          params,
          signal: context.mcpReq.signal,
          relatedTo: this.#transport.relatedRequest(),
        })),
      }));
    }
    const { onListChanged, onResourceUpdated, onMessage } = this.#options;
    client.setNotificationHandler('notifications/tools/list_changed', () => onListChanged('tools'));
    client.setNotificationHandler('notifications/prompts/list_changed', () => onListChanged('prompts'));
    client.setNotificationHandler('notifications/resources/list_changed', () => onListChanged('resources'));
    client.setNotificationHandler('notifications/resources/updated', (message) =>
      onResourceUpdated(message.params.uri),
    );
    client.setNotificationHandler('notifications/message', { params: ANYTHING }, (params) =>
      onMessage(params),
    );
  }

  /** Keeps the modern era's change stream open for as long as the connection lives. */
  async #listen(): Promise<void> {
    const declares = (kind: ChangeKind) => {
      const capability = this.capabilities[kind];
      return isJsonObject(capability) && capability['listChanged'] === true;
    };
    const filter = {
      ...(declares('tools') && { toolsListChanged: true as const }),
      ...(declares('prompts') && { promptsListChanged: true as const }),
      ...(declares('resources') && { resourcesListChanged: true as const }),
    };
    if (Object.keys(filter).length === 0) return;
    const { signal } = this.#lifetime;
    for (let delayMs = RELISTEN_MS; !this.closed; delayMs = Math.min(delayMs * 2, 60_000)) {
      try {
        const subscription = await this.#client.listen(filter, { signal });
        delayMs = RELISTEN_MS;
        await subscription.closed;
      } catch (error) {
        if (!this.closed) this.#report(error);
      }
      // An abort ends the wait, and with it the loop.
      await delay(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
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

function noTurn(turn: 'too-late' | 'cancelled', waitedMs: number): Answer {
  if (turn === 'cancelled')
    return { type: 'refused', code: 'cancelled', message: 'The call was cancelled. Nothing was sent.' };
  return {
    type: 'refused',
    code: 'server-busy',
    message:
      `A call of another client was open for ${waitedMs} ms, and this server asks its client without saying for which call. ` +
      'Nothing was sent. Try again later, or give each client a connection of its own: "isolation": "session".',
  };
}
