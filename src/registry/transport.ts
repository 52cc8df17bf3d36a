/** A server's definition becomes a transport; every message of it passes the connection's ledger. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';

import {
  type JSONRPCMessage,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client';

import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import type { TransportKind } from './connection-options.ts';
import type { LogSink } from './contract.ts';
import { httpStatus } from './answer.ts';
import { limitedFetch } from './limited-fetch.ts';
import type { OverlongLine } from '../wire/line-buffer.ts';
import { identifyOverlong } from '../wire/overlong-id.ts';
import type { ServerAuth } from './oauth.ts';
import type { ProcessGroups } from './process-groups.ts';
import type { Redact } from './redact.ts';
import { LocalFailure, type RequestLedger } from './request-ledger.ts';
import { StdioTransport } from './stdio-transport.ts';
import { StdoutNoise } from './stdout-noise.ts';
import type { RequestId } from '../wire/message.ts';

export interface TransportOptions {
  readonly definition: StdioDefinition | RemoteDefinition;
  readonly kind: TransportKind;
  readonly ledger: RequestLedger;
  readonly maxMessageBytes: number;
  readonly inherited: Readonly<Record<string, string>>;
  readonly groups: ProcessGroups;
  readonly log: LogSink;
  readonly redact: Redact;
  readonly auth?: ServerAuth | undefined;
}

/** What a connection needs of its transport beyond the SDK's interface. */
export interface ServerTransport extends Transport {
  readonly processId: number | undefined;
  /**
   * Within the handling of what a server sends: the request of ours with whose answer it came. Undefined where it came
   * otherwise, or where the transport has one stream for all.
   */
  relatedRequest(): RequestId | undefined;
  /** Why the server's process ended, and its last words on stderr; undefined while it runs. */
  exitReason(): string | undefined;
}

const MAX_LOGGED_LINE = 4_000;
const SESSION_END_MS = 1_000;

export function createTransport(options: TransportOptions): ServerTransport {
  const { definition } = options;
  return definition.type === 'stdio'
    ? stdioTransport(options, definition)
    : remoteTransport(options, definition);
}

function stdioTransport(options: TransportOptions, definition: StdioDefinition): ServerTransport {
  const { log, redact, ledger, maxMessageBytes, inherited, groups } = options;
  const server = definition.name;
  const lastWords: { line?: string } = {};
  const inner = new StdioTransport({
    definition,
    inherited,
    groups,
    maxMessageBytes,
    noise: new StdoutNoise(server, log),
    onOverlong: (line) => watched.failOverlong(line, maxMessageBytes),
    onStderr: (text) => {
      const line = redact(text).trimEnd().slice(0, MAX_LOGGED_LINE);
      if (line === '') return;
      lastWords.line = line;
      log({ level: 'info', component: 'registry', event: 'server-stderr', server, fields: { line } });
    },
  });
  const watched = new StdioWatched({ inner, ledger, log, server, lastWords });
  return watched;
}

function remoteTransport(options: TransportOptions, definition: RemoteDefinition): ServerTransport {
  const { ledger, log, maxMessageBytes, auth } = options;
  const server = definition.name;
  const url = new URL(definition.url);
  const requestInit = { headers: { ...definition.headers } };
  const limited = limitedFetch(server, maxMessageBytes, (failure) => watched.streamFailed(failure));
  const settings = {
    requestInit,
    fetch: auth?.watching(limited) ?? limited,
    ...(auth !== undefined && { authProvider: auth }),
  };
  const inner =
    options.kind === 'sse'
      ? new SSEClientTransport(url, settings)
      : new StreamableHTTPClientTransport(url, settings);
  const watched = new WatchedTransport({ inner, ledger, log, server, auth });
  return watched;
}

interface WatchedOptions<Inner extends Transport> {
  readonly inner: Inner;
  readonly ledger: RequestLedger;
  readonly log: LogSink;
  readonly server: string;
  readonly auth?: ServerAuth | undefined;
}

/** Wraps a transport so that the ledger sees every message, and so that no request waits for a stream that ended. */
class WatchedTransport implements ServerTransport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly hasPerRequestStream?: boolean;
  readonly #inner: Transport;
  readonly #ledger: RequestLedger;
  readonly #log: LogSink;
  readonly #server: string;
  /** What comes on the stream of a request is read in the course of sending it. */
  readonly #course = new AsyncLocalStorage<RequestId | undefined>();
  readonly #auth: ServerAuth | undefined;
  #streamFailure: LocalFailure | undefined;

  constructor({ inner, ledger, log, server, auth }: WatchedOptions<Transport>) {
    this.#inner = inner;
    this.#ledger = ledger;
    this.#log = log;
    this.#server = server;
    this.#auth = auth;
    if (inner.hasPerRequestStream !== undefined) this.hasPerRequestStream = inner.hasPerRequestStream;
    inner.onclose = () => this.onclose?.();
    inner.onerror = (error) => this.#innerError(error);
    inner.onmessage = (message) => {
      const visible = ledger.received(message);
      if (visible !== undefined) this.onmessage?.(visible as JSONRPCMessage);
    };
  }

  get processId(): number | undefined {
    return undefined;
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  relatedRequest(): RequestId | undefined {
    return this.#course.getStore();
  }

  exitReason(): string | undefined {
    return undefined;
  }

  async start(): Promise<void> {
    try {
      await this.#inner.start();
    } catch (error) {
      throw await this.#refusal(error);
    }
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const id = this.#ledger.sending(message);
    return this.#course.run(id, () => this.#send(message, id, options));
  }

  async #send(
    message: JSONRPCMessage,
    id: RequestId | undefined,
    options: TransportSendOptions | undefined,
  ): Promise<void> {
    if (id === undefined) return this.#inner.send(message, options);
    const onRequestStreamEnd = () => {
      options?.onRequestStreamEnd?.();
      const early = new LocalFailure(
        'connection-lost',
        'The server ended its answer before the result came.',
      );
      this.fail(id, this.#streamFailure ?? early);
      this.#streamFailure = undefined;
    };
    try {
      await this.#inner.send(message, { ...options, onRequestStreamEnd });
    } catch (error) {
      this.#ledger.settle(id);
      throw await this.#refusal(error);
    }
    this.#ledger.written(id);
  }

  async close(): Promise<void> {
    if (this.#inner instanceof StreamableHTTPClientTransport) await endSession(this.#inner);
    await this.#inner.close();
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion?.(version);
  }

  setSupportedProtocolVersions(versions: string[]): void {
    this.#inner.setSupportedProtocolVersions?.(versions);
  }

  /** Why a stream is about to end; the end itself names its request. */
  streamFailed(failure: LocalFailure): void {
    this.#streamFailure = failure;
  }

  /** Fails one request; the others and the connection go on. */
  fail(id: RequestId, failure: LocalFailure): void {
    const message = this.#ledger.fail(id, failure);
    if (message !== undefined) this.onmessage?.(message as JSONRPCMessage);
  }

  /** Fails the request that the line answers; all that are in flight where that cannot be told. */
  failOverlong(line: OverlongLine, limitBytes: number): void {
    const { candidates, fromServer } = identifyOverlong(line);
    const { pendingIds } = this.#ledger;
    const answered = candidates.find((id) => pendingIds.includes(id));
    const failed = fromServer ? [] : answered === undefined ? pendingIds : [answered];
    this.#log({
      level: 'warn',
      component: 'registry',
      event: 'message-too-large',
      server: this.#server,
      fields: { sizeBytes: line.sizeBytes, limitBytes, failedRequests: failed.length },
    });
    const failure = new LocalFailure(
      'message-too-large',
      `The answer of '${this.#server}' has ${line.sizeBytes} bytes; the limit is ${limitBytes}. ` +
        'Ask for less at a time, or raise maxMessageBytes.',
    );
    for (const id of failed) this.fail(id, failure);
  }

  /** After a renewal the SDK tries once more; a server that refuses that as well wants another login. */
  async #refusal(error: unknown): Promise<unknown> {
    return this.#auth !== undefined && httpStatus(error) === 401 ? this.#auth.refusedAgain() : error;
  }

  #innerError(error: Error): void {
    this.onerror?.(error);
    // An event stream that broke has lost the answers of every request: its session does not come back.
    if (error instanceof SseError) this.onclose?.();
  }
}

/** Tells a server of the 2025 era that its session is over; one that does not answer is left alone. */
async function endSession(transport: StreamableHTTPClientTransport): Promise<void> {
  const deadline = delay(SESSION_END_MS, undefined, { ref: false });
  await Promise.race([transport.terminateSession().catch(() => undefined), deadline]);
}

/** The SDK tells a stdio transport by its `pid` and `stderr`. */
class StdioWatched extends WatchedTransport {
  readonly stderr = null;
  readonly #stdio: StdioTransport;
  readonly #lastWords: { readonly line?: string };

  constructor(options: WatchedOptions<StdioTransport> & { readonly lastWords: { readonly line?: string } }) {
    super(options);
    this.#stdio = options.inner;
    this.#lastWords = options.lastWords;
  }

  /** There is one stream for all. */
  override relatedRequest(): undefined {
    return undefined;
  }

  override exitReason(): string | undefined {
    const reason = this.#stdio.exitReason;
    const { line } = this.#lastWords;
    return reason === undefined || line === undefined
      ? reason
      : `${reason}; its last words: ${line.slice(0, 300)}`;
  }

  get pid(): number | null {
    return this.#stdio.pid;
  }

  override get processId(): number | undefined {
    return this.#stdio.pid ?? undefined;
  }
}
