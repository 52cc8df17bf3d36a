/** One configured server over the life of the host: its entries, its connection, its health. */
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import { messageOf } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { ChangeKind } from './connection-options.ts';
import type { LogEntry, ServerState, ServerStatus } from './contract.ts';
import type { Health } from './health.ts';
import { differs, type Listing, listEntries, NO_ENTRIES, type ServerEntries } from './listing.ts';
import type { Link, ManagedServerOptions } from './managed-server-options.ts';
import { type Redact, redactor } from './redact.ts';
import { redactEntries } from './redact-entries.ts';
import { launchHash, type Snapshot, SnapshotFile } from './snapshot.ts';
import { reviewTools } from './tool-review.ts';

const ALL_KINDS: readonly ChangeKind[] = ['tools', 'resources', 'prompts'];

export class ManagedServer {
  readonly #options: ManagedServerOptions;
  #definition: StdioDefinition | RemoteDefinition;
  readonly #snapshotFile: SnapshotFile;
  readonly #redact: Redact;
  readonly #lifetime = new AbortController();
  readonly #endings = new Set<Promise<void>>();
  #snapshot: Snapshot | undefined;
  #entriesKnown: boolean;
  #fromSnapshot: boolean;
  #state: ServerState = 'idle';
  #reason: string | undefined;
  #connection: Connection | undefined;
  #connecting: Promise<Link> | undefined;
  #lastFailure = 'unknown';
  #connectMs: number | undefined;
  #health: Health | undefined;
  #listing: Promise<void> | undefined;
  readonly #notices = new Map<ChangeKind | 'review', readonly string[]>();
  #dirty = new Set<ChangeKind>();
  #reconnect: NodeJS.Timeout | undefined;
  #logLevel: string | undefined;
  #asks: boolean;
  #closeReason = 'The host is closing.';

  constructor(options: ManagedServerOptions) {
    this.#options = options;
    this.#definition = options.definition;
    this.#redact = redactor(options.definition);
    this.#snapshotFile = new SnapshotFile(options.homeFolder, options.definition, options.log);
    this.#snapshot = this.#snapshotFile.read();
    this.#asks = this.#snapshot?.asks === true;
    this.#entriesKnown = this.#snapshot !== undefined;
    this.#fromSnapshot = this.#entriesKnown;
  }

  get definition(): StdioDefinition | RemoteDefinition {
    return this.#definition;
  }

  /** Takes a definition that starts and reaches the same; false, and nothing is done, where it does not. */
  redefine(definition: StdioDefinition | RemoteDefinition): boolean {
    if (launchHash(definition) !== launchHash(this.#definition)) return false;
    this.#definition = definition;
    return true;
  }

  get entries(): ServerEntries {
    return this.#snapshot?.entries ?? NO_ENTRIES;
  }

  get entriesKnown(): boolean {
    return this.#entriesKnown;
  }

  status(): ServerStatus {
    const { tools, resources, prompts } = this.entries;
    const live = this.#connection;
    const snapshot = this.#snapshot;
    return {
      name: this.definition.name,
      state: this.#state,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      transport: live?.kind ?? snapshot?.transport ?? this.definition.type,
      ...(snapshot !== undefined && { era: snapshot.era }),
      ...(snapshot?.protocolVersion !== undefined && { protocolVersion: snapshot.protocolVersion }),
      ...(snapshot?.serverInfo !== undefined && { serverInfo: snapshot.serverInfo }),
      ...(snapshot?.instructions !== undefined && { instructions: snapshot.instructions }),
      ...(live?.processId !== undefined && { pid: live.processId }),
      counts: { tools: tools.length, resources: resources.length, prompts: prompts.length },
      fromSnapshot: this.#fromSnapshot,
      ...(this.#connectMs !== undefined && { connectMs: this.#connectMs }),
      notices: snapshot?.notices ?? [],
    };
  }

  /** The live connection, made where there is none; those who ask at once share one attempt. Never rejects. */
  connect(): Promise<Link> {
    const live = this.#connection;
    if (live !== undefined && !live.closed) return Promise.resolve({ ok: true, connection: live });
    if (this.#lifetime.signal.aborted) return Promise.resolve({ ok: false, reason: this.#closeReason });
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  setLogLevel(level: string): void {
    this.#logLevel = level;
    this.#connection?.setLogLevel(level);
  }

  /** Connects and resolves when the lists came or failed. Never rejects. */
  async list(): Promise<void> {
    const link = await this.connect();
    if (link.ok) await this.#listing;
  }

  /** Lists again what is already connected, or connects. */
  async relist(): Promise<void> {
    if (this.#connection?.closed === false) this.#listAgain(ALL_KINDS);
    await this.list();
  }

  /** `reason` is told to those who want to connect it afterwards. */
  async close(reason = this.#closeReason): Promise<void> {
    this.#closeReason = reason;
    this.#lifetime.abort();
    clearTimeout(this.#reconnect);
    const live = this.#connection;
    this.#connection = undefined;
    await Promise.all([live?.close(), this.#connecting]);
    await Promise.all([...this.#endings]);
    await this.#snapshotFile.settled();
    if (this.#state !== 'failed') this.#become('idle');
  }

  async #connect(): Promise<Link> {
    clearTimeout(this.#reconnect);
    const { signal } = this.#lifetime;
    const { name } = this.definition;
    const [{ openConnection }, { AttemptRefused, Health }, { inheritedEnvironment }] = await Promise.all([
      import('./open-connection.ts'),
      import('./health.ts'),
      import('./child-process.ts'),
      this.#options.mayStart,
    ]);
    this.#health ??= new Health();
    this.#become('connecting');
    const startedMs = performance.now();
    try {
      const connection = await this.#health.attempt(() =>
        openConnection({
          ...this.#options,
          definition: this.#definition,
          redact: this.#redact,
          verdict: this.#snapshot,
          inherited: inheritedEnvironment(this.#options.environment),
          signal,
          onEnding: (ending) => this.#track(ending),
          onListChanged: (kind) => this.#listAgain([kind]),
          onResourceUpdated: (uri) => this.#options.onResourceUpdated(name, uri),
          onMessage: (params) => this.#options.onMessage(name, this.#options.redactValue(params)),
          onLost: (reason) => this.#lost(reason),
          asks: this.#asks,
          onAsks: () => this.#noteAsks(),
        }),
      );
      if (connection.closed)
        throw new Error(`It ended right after the handshake (${connection.exitReason ?? 'closed'}).`);
      if (signal.aborted) {
        await connection.close();
        return { ok: false, reason: this.#closeReason };
      }
      this.#connection = connection;
      this.#connectMs = Math.round(performance.now() - startedMs);
      this.#become('ready');
      this.#log('info', 'server-connected', {
        transport: connection.kind,
        era: connection.era,
        connectMs: this.#connectMs,
        ...(connection.processId !== undefined && { pid: connection.processId }),
      });
      if (this.#logLevel !== undefined) connection.setLogLevel(this.#logLevel);
      this.#listAgain(ALL_KINDS);
      return { ok: true, connection };
    } catch (error) {
      const refused = error instanceof AttemptRefused;
      const reason = refused ? `${error.message} The last reason: ${this.#lastFailure}` : messageOf(error);
      if (!refused) this.#lastFailure = reason;
      this.#become('failed', reason);
      this.#log('error', 'server-failed', { reason, durationMs: Math.round(performance.now() - startedMs) });
      return { ok: false, reason };
    }
  }

  #noteAsks(): void {
    this.#asks = true;
    this.#log('info', 'server-asks', {});
    if (this.#snapshot === undefined) return;
    this.#snapshot = { ...this.#snapshot, asks: true };
    if (this.#entriesKnown) void this.#snapshotFile.write(this.#snapshot);
  }

  #lost(why: string): void {
    const live = this.#connection;
    this.#connection = undefined;
    if (live !== undefined) this.#track(live.close());
    if (this.#lifetime.signal.aborted) return;
    this.#log('warn', 'server-lost', { reason: why });
    const delayMs = this.#health?.nextDelayMs() ?? 0;
    this.#become(
      'degraded',
      `The connection was lost: ${this.#redact(why)}. The next call connects it again.`,
    );
    this.#reconnectIn(delayMs);
  }

  /** Heals without being asked, for as long as attempts are made one after another and the host lives. */
  #reconnectIn(delayMs: number): void {
    clearTimeout(this.#reconnect);
    this.#reconnect = setTimeout(() => {
      void this.connect().then((link) => {
        if (!link.ok && !this.#lifetime.signal.aborted)
          this.#reconnectIn(this.#health?.nextDelayMs() ?? delayMs);
      });
    }, delayMs);
    this.#reconnect.unref();
  }

  /** Lists one after another; what changes while a list runs is listed once more after it. */
  #listAgain(kinds: readonly ChangeKind[]): void {
    for (const kind of kinds) this.#dirty.add(kind);
    this.#listing ??= this.#listUntilClean().finally(() => {
      this.#listing = undefined;
    });
  }

  async #listUntilClean(): Promise<void> {
    for (;;) {
      const connection = this.#connection;
      if (this.#dirty.size === 0 || connection === undefined || connection.closed) return;
      const kinds = [...this.#dirty];
      this.#dirty.clear();
      const listing = await listEntries(kinds, connection.capabilities, (method, params) =>
        connection.send(method, params, {
          timeoutMs: this.#options.connectTimeoutMs,
          signal: this.#lifetime.signal,
        }),
      );
      if (this.#connection !== connection || connection.closed) return;
      await this.#adopt(connection, listing);
    }
  }

  async #adopt(connection: Connection, listing: Listing): Promise<void> {
    const before = this.entries;
    const mirrors = connection.era === 'modern' && connection.kind !== 'stdio';
    const listed = redactEntries(listing.entries, this.#options.redactValue);
    const { tools } = listed;
    const review = tools && (await reviewTools(tools, await this.#options.schemas(), mirrors));
    const entries: ServerEntries = { ...before, ...listed, ...(review && { tools: review.tools }) };
    if (this.#connection !== connection) return;
    for (const [kind, notices] of listing.notices) this.#notices.set(kind, notices);
    if (review !== undefined) this.#notices.set('review', review.notices);
    const notices = [...this.#notices.values()].flat();
    for (const notice of notices) {
      if (this.#snapshot?.notices.includes(notice) !== true) this.#log('warn', 'server-notice', { notice });
    }
    const { protocolVersion } = connection;
    const { serverInfo, instructions } = this.#options.redactValue({
      ...(connection.serverInfo !== undefined && { serverInfo: connection.serverInfo }),
      ...(connection.instructions !== undefined && { instructions: connection.instructions }),
    });
    this.#snapshot = {
      era: connection.era,
      transport: connection.kind,
      ...(protocolVersion !== undefined && { protocolVersion }),
      ...(serverInfo !== undefined && { serverInfo }),
      ...(instructions !== undefined && { instructions }),
      entries,
      notices,
      ...(this.#asks && { asks: true }),
    };
    if (listing.failures.length === 0) {
      this.#entriesKnown = true;
      this.#fromSnapshot = false;
      void this.#snapshotFile.write(this.#snapshot);
      if (this.#state === 'degraded') this.#become('ready');
    } else {
      this.#become(
        'degraded',
        `Not everything could be listed: ${this.#redact(listing.failures.join('; '))}`,
      );
      this.#log('warn', 'listing-incomplete', { failures: [...listing.failures].map(this.#redact) });
    }
    for (const kind of ALL_KINDS) {
      if (differs(kind, before, entries)) this.#options.onChange(this.definition.name, kind);
    }
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
