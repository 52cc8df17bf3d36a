/** One configured server over the life of the host: its entries, its connection, its health. */
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import { messageOf } from '../errors.ts';
import { type AuthFailure, isLoginDue } from './auth-failure.ts';
import type { Connection } from './connection.ts';
import { ConnectionMaker } from './connection-maker.ts';
import type { ClientKey, LogEntry, ServerState, ServerStatus } from './contract.ts';
import type { ServerEntries } from './listing.ts';
import type { Link, ManagedServerOptions } from './managed-server-options.ts';
import { type Redact, redactor } from './redact.ts';
import { ALL_KINDS, ServerCatalog } from './server-catalog.ts';
import { ServerLogin } from './server-login.ts';
import { statusOf } from './server-status.ts';
import { SessionConnections } from './session-connections.ts';
import { launchHash } from './snapshot.ts';

/** Of what is for no client: what the host does for the person who uses it. */
const HOST_SESSION = 'person';

export class ManagedServer {
  readonly #options: ManagedServerOptions;
  #definition: StdioDefinition | RemoteDefinition;
  readonly #catalog: ServerCatalog;
  readonly #login: ServerLogin;
  readonly #maker: ConnectionMaker;
  readonly #sessions: SessionConnections;
  readonly #redact: Redact;
  readonly #lifetime = new AbortController();
  readonly #endings = new Set<Promise<void>>();
  #state: ServerState = 'idle';
  #reason: string | undefined;
  #connection: Connection | undefined;
  #connecting: Promise<Link> | undefined;
  #connectMs: number | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #logLevel: string | undefined;
  #closeReason = 'The host is closing.';

  constructor(options: ManagedServerOptions) {
    this.#options = options;
    this.#definition = options.definition;
    this.#login = new ServerLogin(options);
    this.#redact = this.#login.masking(redactor(options.definition));
    const { name } = options.definition;
    this.#catalog = new ServerCatalog({
      ...options,
      listTimeoutMs: options.connectTimeoutMs,
      signal: this.#lifetime.signal,
      onChange: (kind) => options.onChange(name, kind),
      onListed: (failures) => this.#judgeListing(failures),
    });
    this.#maker = new ConnectionMaker({
      server: options,
      catalog: this.#catalog,
      login: this.#login,
      redact: this.#redact,
      signal: this.#lifetime.signal,
      onEnding: (ending) => this.#track(ending),
    });
    this.#sessions = new SessionConnections({
      server: name,
      open: (session, onLost) => this.#openForSession(session, onLost),
      limits: options.sessionLimits,
      log: options.log,
    });
  }

  get definition(): StdioDefinition | RemoteDefinition {
    return this.#definition;
  }

  /** Takes a definition that starts and reaches the same; false, and nothing is done, where it does not. */
  redefine(definition: StdioDefinition | RemoteDefinition): boolean {
    if (launchHash(definition) !== launchHash(this.#definition)) return false;
    const wasIsolated = this.#isolated;
    this.#definition = definition;
    if (wasIsolated && !this.#isolated) this.#track(this.#sessions.endAll());
    if (!wasIsolated && this.#isolated) this.#endShared();
    return true;
  }

  get entries(): ServerEntries {
    return this.#catalog.entries;
  }

  get entriesKnown(): boolean {
    return this.#catalog.known;
  }

  status(): ServerStatus {
    const { snapshot, fromSnapshot } = this.#catalog;
    return statusOf({
      definition: this.definition,
      state: this.#state,
      reason: this.#reason,
      live: this.#connection,
      snapshot,
      fromSnapshot,
      connectMs: this.#connectMs,
      loginDue: this.#login.isDue,
      sessions: this.#isolated ? this.#sessions.count : undefined,
    });
  }

  /** The connection for calls of the client, made where there is none. Never rejects. */
  connect(client?: ClientKey): Promise<Link> {
    return this.#isolated ? this.#sessions.connect(client?.session ?? HOST_SESSION) : this.#connectShared();
  }

  /** Those who ask at once share one attempt. */
  #connectShared(): Promise<Link> {
    const live = this.#connection;
    if (live !== undefined && !live.closed) return Promise.resolve({ ok: true, connection: live });
    if (this.#lifetime.signal.aborted) return Promise.resolve({ ok: false, reason: this.#closeReason });
    const { due } = this.#login;
    if (due !== undefined) return Promise.resolve({ ok: false, reason: due.message, code: due.code });
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  setLogLevel(level: string): void {
    if (this.#logLevel === level) return;
    this.#logLevel = level;
    this.#connection?.logLevel?.set(level);
  }

  /** Of the connection that the session has to itself. */
  setSessionLogLevel(session: string, level: string): void {
    this.#sessions.setLogLevel(session, level);
  }

  rootsChanged(session: string): void {
    this.#sessions.rootsChanged(session);
  }

  /** Resolves when the connection that the session had to itself is gone. */
  endSession(session: string): Promise<void> {
    return this.#sessions.end(session);
  }

  /** Connects and resolves when the lists came or failed. Never rejects. */
  async list(): Promise<void> {
    const link = await this.#connectShared();
    if (link.ok) await this.#catalog.listed();
    // Clients that each have their own connection need no shared one: it was for the lists.
    if (this.#isolated) this.#endShared();
  }

  /** Lists again what is already connected, or connects. */
  async relist(): Promise<void> {
    if (this.#connection?.closed === false) void this.#catalog.list(ALL_KINDS, this.#connection);
    await this.list();
  }

  /** `reason` is told to those who want to connect it afterwards. */
  async close(reason = this.#closeReason): Promise<void> {
    this.#closeReason = reason;
    this.#lifetime.abort();
    clearTimeout(this.#reconnect);
    const live = this.#connection;
    this.#connection = undefined;
    await Promise.all([live?.close(), this.#connecting, this.#sessions.close()]);
    await Promise.all([...this.#endings]);
    this.#login.settle();
    await this.#catalog.settled();
    if (this.#state !== 'failed') this.#become('idle');
  }

  async #connect(): Promise<Link> {
    clearTimeout(this.#reconnect);
    const { signal } = this.#lifetime;
    // Why it failed before is told until it is known better.
    this.#become('connecting', this.#reason);
    const startedMs = performance.now();
    try {
      const connection = await this.#maker.open({
        definition: this.#definition,
        onInput: this.#options.onInput,
        onLost: (reason, failure) => this.#lost(reason, failure),
      });
      if (signal.aborted) {
        await connection.close();
        return { ok: false, reason: this.#closeReason };
      }
      this.#connection = connection;
      this.#connectMs = Math.round(performance.now() - startedMs);
      this.#login.settle();
      this.#become('ready');
      this.#log('info', 'server-connected', {
        transport: connection.kind,
        era: connection.era,
        connectMs: this.#connectMs,
        ...(connection.processId !== undefined && { pid: connection.processId }),
      });
      if (this.#logLevel !== undefined) connection.logLevel?.set(this.#logLevel);
      void this.#catalog.list(ALL_KINDS, connection);
      return { ok: true, connection };
    } catch (error) {
      if (isLoginDue(error)) return this.#waitForLogin(error);
      const reason = messageOf(error);
      this.#become('failed', reason);
      this.#log('error', 'server-failed', { reason, durationMs: Math.round(performance.now() - startedMs) });
      return { ok: false, reason };
    }
  }

  async #openForSession(session: string, onLost: (reason: string) => void): Promise<Connection> {
    const { openSessions, onInput } = this.#options;
    const opening = this.#maker.open({
      definition: this.#definition,
      session,
      onInput: openSessions.inputOf(session) ?? onInput,
      onLost: (reason, failure) => {
        if (failure !== undefined) this.#waitForLogin(failure);
        onLost(reason);
      },
    });
    const connection = await opening.catch((error: unknown) => {
      if (isLoginDue(error)) this.#waitForLogin(error);
      throw error;
    });
    const level = openSessions.levelOf(session);
    if (level !== undefined) connection.logLevel?.set(level);
    if (!this.#catalog.known) void this.#catalog.list(ALL_KINDS, connection);
    return connection;
  }

  #judgeListing(failures: readonly string[]): void {
    if (failures.length === 0) {
      if (this.#state === 'degraded') this.#become('ready');
      return;
    }
    this.#become('degraded', `Not everything could be listed: ${this.#redact(failures.join('; '))}`);
    this.#log('warn', 'listing-incomplete', { failures: failures.map(this.#redact) });
  }

  get #isolated(): boolean {
    return this.#definition.isolation === 'session';
  }

  #endShared(): void {
    const live = this.#connection;
    if (live === undefined) return;
    this.#connection = undefined;
    this.#track(live.close());
  }

  #waitForLogin(failure: AuthFailure): Link {
    const { message: reason, code } = failure;
    this.#login.wait(failure, () => void this.list());
    this.#become('degraded', reason);
    this.#log('warn', 'login-due', { reason });
    return { ok: false, reason, code };
  }

  #lost(why: string, failure?: AuthFailure): void {
    const live = this.#connection;
    this.#connection = undefined;
    if (live !== undefined) this.#track(live.close());
    if (this.#lifetime.signal.aborted) return;
    if (failure !== undefined) return void this.#waitForLogin(failure);
    this.#log('warn', 'server-lost', { reason: why });
    this.#become(
      'degraded',
      `The connection was lost: ${this.#redact(why)}. The next call connects it again.`,
    );
    this.#reconnectIn(this.#maker.nextDelayMs());
  }

  /** Heals without being asked, for as long as attempts are made one after another and the host lives. */
  #reconnectIn(delayMs: number): void {
    clearTimeout(this.#reconnect);
    this.#reconnect = setTimeout(() => {
      void this.list().then(() => {
        if (this.#state === 'failed' && !this.#lifetime.signal.aborted)
          this.#reconnectIn(this.#maker.nextDelayMs());
      });
    }, delayMs);
    this.#reconnect.unref();
  }

  #become(state: ServerState, reason?: string): void {
    if (this.#state === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#options.onChange(this.definition.name, 'status');
  }

  #track(ending: Promise<void>): void {
    this.#endings.add(ending);
    void ending.finally(() => this.#endings.delete(ending));
  }

  #log(level: LogEntry['level'], event: string, fields: NonNullable<LogEntry['fields']>): void {
    this.#options.log({ level, component: 'registry', event, server: this.definition.name, fields });
  }
}
