/** The registry behind `openRegistry`: it routes operations to servers and merges what they offer. */
import { isDeepStrictEqual } from 'node:util';

import type { Naming } from '../config/config.ts';
import type { ServerDefinition } from '../config/server-definition.ts';
import { HostError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { beforeAbort } from './before-abort.ts';
import { CatalogIndex, type CatalogNames, type CatalogSource } from './catalog.ts';
import { ChangeFeed } from '../change-feed.ts';
import type {
  CallOptions,
  CallOutcome,
  Catalog,
  CatalogChange,
  Completion,
  CompletionArgument,
  CompletionReference,
  LoginOptions,
  LoginResult,
  LogoutResult,
  ReadyOptions,
  Registry,
  RegistryUpdate,
  ResourceChange,
  RegistrySession,
  SearchOptions,
  ServerMessage,
  ServerStatus,
  SessionOptions,
  SubscribeOptions,
  ToolHit,
} from './contract.ts';
import { isConnectable, type RegistryParts, unconnectable } from './registry-parts.ts';
import { KnownLinks } from './known-links.ts';
import { NO_ENTRIES } from './listing.ts';
import type { ManagedServer } from './managed-server.ts';
import { RunningServers } from './running-servers.ts';
import { RegistrySessions } from './registry-sessions.ts';
import { logInTo, logOutOf } from './login.ts';
import type { OwnUri } from './resource-uri.ts';
import { ToolIndex } from './search.ts';
import { Subscriptions } from './subscriptions.ts';
import { unknownName } from './unknown-name.ts';

export class ServerRegistry implements Registry {
  readonly #parts: RegistryParts;
  readonly #servers: RunningServers;
  /** One for all sessions. */
  readonly #running = (): readonly ManagedServer[] => this.#servers.all();
  #definitions: readonly ServerDefinition[] = [];
  #names: CatalogNames;
  readonly #changes = new ChangeFeed<CatalogChange>();
  readonly #messages = new ChangeFeed<ServerMessage>();
  readonly #subscriptions = new Subscriptions();
  readonly #sessions = new RegistrySessions();
  #index: CatalogIndex | undefined;
  #toolIndex: { readonly revision: string; readonly index: ToolIndex } | undefined;
  readonly #links = new KnownLinks();
  #closing: Promise<void> | undefined;
  #loadedOperations: Promise<typeof import('./operation.ts')> | undefined;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#names = { naming: parts.naming, maxNameLength: parts.maxNameLength };
    this.#servers = new RunningServers(parts.createServer, {
      onChange: (changed, kind) => this.#changed(changed, kind),
      onResourceUpdated: (changed, uri, session) =>
        this.#subscriptions.updated({ server: changed, uri, session }),
      onMessage: (from, message, readers) => this.#messages.publish({ server: from, ...message, ...readers }),
      openSessions: this.#sessions,
    });
    void this.#adopt(parts.definitions);
  }

  get naming(): Naming {
    return this.#names.naming;
  }

  catalog(): Catalog {
    return this.#catalogIndex().catalog;
  }

  async ready(options: ReadyOptions = {}): Promise<void> {
    const named = options.servers === undefined ? undefined : new Set(options.servers);
    const asked = this.#servers
      .all()
      .filter(
        (server) =>
          (named === undefined || named.has(server.definition.name)) &&
          (options.fresh === true || !server.entriesKnown),
      );
    const listed = Promise.all(
      asked.map((server) => (options.fresh === true ? server.relist() : server.list())),
    );
    const { signal } = options;
    await (signal === undefined ? listed : beforeAbort(listed, signal));
  }

  unlisted(name: string): readonly ServerStatus[] {
    const index = this.#catalogIndex();
    const isKnown = (server: string): boolean => this.#servers.get(server)?.entriesKnown === true;
    return this.servers().filter((status) => !isKnown(status.name) && index.mayOwn(status.name, name));
  }

  changes(signal?: AbortSignal): AsyncIterable<CatalogChange> {
    return this.#changes.read(signal);
  }

  search(query: string, options?: SearchOptions): readonly ToolHit[] {
    const { revision, tools } = this.catalog();
    if (this.#toolIndex?.revision !== revision) this.#toolIndex = { revision, index: new ToolIndex(tools) };
    return this.#toolIndex.index.search(query, options);
  }

  async call(name: string, args: JsonObject, options: CallOptions): Promise<CallOutcome> {
    const entry = this.#catalogIndex().tool(name);
    if (entry === undefined) return this.#unknown('tool', name);
    const server = this.#servers.get(entry.server);
    if (server === undefined) return this.#unknown('tool', name);
    const { callTool } = await this.#operations();
    return callTool(server, entry, args, options, this.#parts.schemas);
  }

  async read(uri: string, options: CallOptions): Promise<CallOutcome> {
    const owner = this.ownerOf(uri);
    const server = this.#servers.get(owner?.server ?? '');
    if (owner === undefined || server === undefined) return this.#unknown('resource', uri);
    const { readResource } = await this.#operations();
    return readResource(server, owner.uri, options);
  }

  async prompt(
    name: string,
    args: Readonly<Record<string, string>>,
    options: CallOptions,
  ): Promise<CallOutcome> {
    const entry = this.#catalogIndex().prompt(name);
    const server = this.#servers.get(entry?.server ?? '');
    if (entry === undefined || server === undefined) return this.#unknown('prompt', name);
    const { getPrompt } = await this.#operations();
    return getPrompt(server, entry.name, args, options);
  }

  /** Rejects with a HostError where the entry is unknown or its server gives no completion. */
  async complete(
    reference: CompletionReference,
    argument: CompletionArgument,
    options: CallOptions,
  ): Promise<Completion> {
    const target = this.#catalogIndex().completed(reference);
    const server = this.#servers.get(target?.server ?? '');
    if (target === undefined || server === undefined)
      throw reference.type === 'prompt'
        ? this.#unknownError('prompt', reference.name)
        : this.#unknownError('resource', reference.uriTemplate);
    const { completeArgument } = await this.#operations();
    return completeArgument(server, target.reference, argument, options);
  }

  /** Throws a HostError on the first step where the URI is unknown or its server offers no subscriptions. */
  async *subscribe(
    uri: string,
    signal: AbortSignal,
    options: SubscribeOptions = {},
  ): AsyncGenerator<ResourceChange, void, undefined> {
    const owner = this.ownerOf(uri);
    const server = this.#servers.get(owner?.server ?? '');
    if (owner === undefined || server === undefined) throw this.#unknownError('resource', uri);
    const current = (): ManagedServer | undefined => this.#servers.get(owner.server);
    yield* this.#subscriptions.watch({ server, current, uri: owner.uri, shownUri: uri, ...options }, signal);
  }

  messages(signal?: AbortSignal): AsyncIterable<ServerMessage> {
    return this.#messages.read(signal);
  }

  openSession(key: string, options: SessionOptions = {}): RegistrySession {
    return this.#sessions.open(key, options, this.#running);
  }

  servers(): readonly ServerStatus[] {
    return this.#definitions.map((definition) => {
      const server = this.#servers.get(definition.name);
      return server === undefined ? unconnectable(definition) : server.status();
    });
  }

  shownUri(server: string, uri: string): string {
    const owner = this.ownerOf(uri);
    if (owner === undefined) {
      this.#links.add(uri, server);
      return uri;
    }
    const isItself = owner.server === server && owner.uri === uri;
    return isItself ? uri : this.#catalogIndex().prefixed({ server, uri });
  }

  async login(server: string, options: LoginOptions): Promise<LoginResult> {
    const result = await logInTo(server, this.#definitions, options, this.#parts);
    await this.#servers.get(server)?.relist();
    return result;
  }

  logout(server: string, signal?: AbortSignal): Promise<LogoutResult> {
    return logOutOf(server, this.#definitions, signal, this.#parts);
  }

  async update({ servers, ...change }: RegistryUpdate): Promise<void> {
    if (this.#closing !== undefined) return;
    const { naming = this.#names.naming, maxNameLength = this.#names.maxNameLength } = change;
    const names = { naming, maxNameLength };
    const before = new Map(this.#definitions.map((definition) => [definition.name, definition]));
    const renamed = !isDeepStrictEqual(names, this.#names);
    this.#names = names;
    const stopped = this.#adopt(servers);
    this.#index = undefined;
    const after = new Map(servers.map((definition) => [definition.name, definition]));
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      if (!renamed && isDeepStrictEqual(before.get(name), after.get(name))) continue;
      for (const kind of ['tools', 'resources', 'prompts', 'status'] as const) this.#changed(name, kind);
    }
    await stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends what is in flight, stops every server in stages, all at once. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#subscriptions.close();
    await this.#servers.close();
    await this.#parts.afterClose();
    this.#changes.close();
    this.#messages.close();
  }

  /** Resolves when the servers that are no longer wanted have stopped. */
  #adopt(definitions: readonly ServerDefinition[]): Promise<void> {
    const stopped = this.#servers.adopt(definitions.filter(isConnectable), this.#sessions.level);
    this.#definitions = definitions;
    return stopped;
  }

  ownerOf(uri: string): OwnUri | undefined {
    const linked = this.#links.serverOf(uri);
    return this.#catalogIndex().ownerOf(uri) ?? (linked === undefined ? undefined : { server: linked, uri });
  }

  /** Loaded at the first operation: listing what is known needs none of it. */
  #operations(): Promise<typeof import('./operation.ts')> {
    this.#loadedOperations ??= import('./operation.ts');
    return this.#loadedOperations;
  }

  #catalogIndex(): CatalogIndex {
    this.#index ??= new CatalogIndex(
      this.#definitions.map((definition): CatalogSource => {
        return { definition, entries: this.#servers.get(definition.name)?.entries ?? NO_ENTRIES };
      }),
      this.#names,
    );
    return this.#index;
  }

  #changed(server: string, kind: CatalogChange['kind']): void {
    if (kind !== 'status') this.#index = undefined;
    if (this.#changes.hasReaders) this.#changes.publish({ server, kind, revision: this.catalog().revision });
  }

  #unknown(kind: 'tool' | 'resource' | 'prompt', name: string): CallOutcome {
    const { code, message } = this.#unknownError(kind, name);
    return { type: 'tool-error', code, message };
  }

  #unknownError(kind: 'tool' | 'resource' | 'prompt', name: string): HostError {
    return new HostError(`unknown-${kind}`, unknownName(kind, name, this.catalog(), this.servers()));
  }
}
