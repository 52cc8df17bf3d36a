/** What one server offers: from the snapshot of an earlier start, and as it was last listed. */
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import { messageOf } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { ChangeKind } from './connection-options.ts';
import type { LogSink } from './contract.ts';
import { differs, type Listing, listEntries, NO_ENTRIES, type ServerEntries } from './listing.ts';
import type { RedactValue } from './redact-entries.ts';
import { redactEntries } from './redact-entries.ts';
import type { SchemaChecker } from './schema-check.ts';
import { type Snapshot, SnapshotFile } from './snapshot.ts';
import { reviewTools } from './tool-review.ts';

export const ALL_KINDS: readonly ChangeKind[] = ['tools', 'resources', 'prompts'];

export interface ServerCatalogOptions {
  readonly definition: StdioDefinition | RemoteDefinition;
  readonly homeFolder: string;
  readonly log: LogSink;
  readonly redactValue: RedactValue;
  readonly schemas: () => Promise<SchemaChecker>;
  /** How long each list may take. */
  readonly listTimeoutMs: number;
  /** Aborts when the server is closed. */
  readonly signal: AbortSignal;
  readonly onChange: (kind: ChangeKind) => void;
  /** Told after each listing what of it did not come; nothing where all of it did. */
  readonly onListed: (failures: readonly string[]) => void;
}

export class ServerCatalog {
  readonly #options: ServerCatalogOptions;
  readonly #file: SnapshotFile;
  readonly #notices = new Map<ChangeKind | 'review', readonly string[]>();
  readonly #dirty = new Set<ChangeKind>();
  #snapshot: Snapshot | undefined;
  #known: boolean;
  #fromSnapshot: boolean;
  #asks: boolean;
  #connection: Connection | undefined;
  #listing: Promise<void> | undefined;

  constructor(options: ServerCatalogOptions) {
    this.#options = options;
    this.#file = new SnapshotFile(options.homeFolder, options.definition, options.log);
    this.#snapshot = this.#file.read();
    this.#known = this.#snapshot !== undefined;
    this.#fromSnapshot = this.#known;
    this.#asks = this.#snapshot?.asks === true;
  }

  get entries(): ServerEntries {
    return this.#snapshot?.entries ?? NO_ENTRIES;
  }

  /** Whether all of it has been listed once, now or at an earlier start. */
  get known(): boolean {
    return this.#known;
  }

  get fromSnapshot(): boolean {
    return this.#fromSnapshot;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Whether the server is known to ask its client without saying for which call. */
  get asks(): boolean {
    return this.#asks;
  }

  noteAsks(): void {
    if (this.#asks) return;
    this.#asks = true;
    this.#log('info', 'server-asks', {});
    if (this.#snapshot === undefined) return;
    this.#snapshot = { ...this.#snapshot, asks: true };
    if (this.#known) void this.#file.write(this.#snapshot);
  }

  /**
   * Lists through the connection; what changes while a list runs is listed once more after it. Resolves when nothing is left
   * to be listed. Never rejects.
   */
  list(kinds: readonly ChangeKind[], connection: Connection): Promise<void> {
    this.#connection = connection;
    for (const kind of kinds) this.#dirty.add(kind);
    this.#listing ??= this.#listUntilClean().finally(() => {
      this.#listing = undefined;
      // What came in the moment when it ended.
      if (this.#dirty.size > 0 && this.#connection?.closed === false) void this.list([], this.#connection);
    });
    return this.#listing;
  }

  /** Resolves when what goes on being listed has come or failed. */
  async listed(): Promise<void> {
    await this.#listing;
  }

  /** Resolves when what was to be written is on disk. */
  settled(): Promise<void> {
    return this.#file.settled();
  }

  async #listUntilClean(): Promise<void> {
    for (;;) {
      const connection = this.#connection;
      if (this.#dirty.size === 0 || connection === undefined || connection.closed) return;
      const kinds = [...this.#dirty];
      this.#dirty.clear();
      const { listTimeoutMs: timeoutMs, signal } = this.#options;
      const listing = await listEntries(kinds, connection.capabilities, (method, params) =>
        connection.send(method, params, { timeoutMs, signal }),
      );
      // Another connection has to be asked what this one leaves open.
      if (connection.closed) for (const kind of kinds) this.#dirty.add(kind);
      else await this.#tryToAdopt(connection, listing);
      if (connection.closed && this.#connection === connection) return;
    }
  }

  async #tryToAdopt(connection: Connection, listing: Listing): Promise<void> {
    try {
      await this.#adopt(connection, listing);
    } catch (error) {
      this.#options.onListed([`what it tells of itself cannot be read: ${messageOf(error)}`]);
    }
  }

  async #adopt(connection: Connection, listing: Listing): Promise<void> {
    const before = this.entries;
    const mirrors = connection.era === 'modern' && connection.kind !== 'stdio';
    const listed = redactEntries(listing.entries, this.#options.redactValue);
    const { tools } = listed;
    const review = tools && (await reviewTools(tools, await this.#options.schemas(), mirrors));
    const entries: ServerEntries = { ...before, ...listed, ...(review && { tools: review.tools }) };
    if (connection.closed) return;
    for (const [kind, notices] of listing.notices) this.#notices.set(kind, notices);
    if (review !== undefined) this.#notices.set('review', review.notices);
    const notices = [...this.#notices.values()].flat();
    for (const notice of notices) {
      if (this.#snapshot?.notices.includes(notice) !== true) this.#log('warn', 'server-notice', { notice });
    }
    this.#snapshot = { ...this.#facts(connection), entries, notices, ...(this.#asks && { asks: true }) };
    if (listing.failures.length === 0) {
      this.#known = true;
      this.#fromSnapshot = false;
      void this.#file.write(this.#snapshot);
    }
    this.#options.onListed(listing.failures);
    for (const kind of ALL_KINDS) if (differs(kind, before, entries)) this.#options.onChange(kind);
  }

  /** What the server said of itself when it was connected. */
  #facts(connection: Connection): Omit<Snapshot, 'entries' | 'notices' | 'asks'> {
    const { era, kind, protocolVersion } = connection;
    const { serverInfo, instructions } = this.#options.redactValue({
      ...(connection.serverInfo !== undefined && { serverInfo: connection.serverInfo }),
      ...(connection.instructions !== undefined && { instructions: connection.instructions }),
    });
    return {
      era,
      transport: kind,
      ...(protocolVersion !== undefined && { protocolVersion }),
      ...(serverInfo !== undefined && { serverInfo }),
      ...(instructions !== undefined && { instructions }),
    };
  }

  #log(level: 'info' | 'warn', event: string, fields: { readonly notice?: string }): void {
    const { log, definition } = this.#options;
    log({ level, component: 'registry', event, server: definition.name, fields });
  }
}
