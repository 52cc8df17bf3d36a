/** The host as one MCP server: what each method answers, whatever the transport. */
import { packageVersion } from '../../config/package-version.ts';
import { InFlight } from '../../in-flight.ts';
import type { JsonObject } from '../../json.ts';
import { shownName } from '../../nearest-name.ts';
import type { CatalogChange, Registry, ResourceChange, ServerMessage } from '../../registry/contract.ts';
import type { ClientRequest } from './client-request.ts';
import { Exchanges } from './exchanges.ts';
import { instructionsFrom } from './instructions.ts';
import { ERROR, ProtocolError } from './protocol.ts';
import { QuietTime } from './quiet-time.ts';
import type { ServedHost } from './served-host.ts';
import { ServedPrompts } from './served-prompts.ts';
import { ServedRuns } from './run/served-runs.ts';
import type { WorkflowTool } from './run/workflow-tools.ts';
import { ServedResources, type Subscription } from './served-resources.ts';
import { ServedTools } from './served-tools.ts';

export type ListKind = Exclude<CatalogChange['kind'], 'status'>;

export interface FacadeListener {
  onListChanged(kind: ListKind): void;
  /** What a server logs. */
  onMessage(message: ServerMessage): void;
}

export interface FacadeOptions {
  readonly registry: Registry;
  /** The host over that registry, which need not be open yet: lists are answered without it. */
  readonly open: () => Promise<ServedHost>;
  /** Workflows that clients have as tools; `offer` takes others in their place. */
  readonly workflows?: readonly WorkflowTool[];
  /** Told what opening it behind a list came to, where that failed; whoever calls is told by the error of the call. */
  readonly onFailure?: (error: unknown) => void;
  /** How long a list waits for servers where nothing is known of any; 5 s by default. */
  readonly firstListMs?: number;
  /** How long a call waits for a person who cannot be asked through its client; 45 s by default. */
  readonly approvalWaitMs?: number;
}

const FIRST_LIST_MS = 5_000;
/** Clients give a call up after a minute. */
const APPROVAL_WAIT_MS = 45_000;
/** Servers change several of their lists at once, and clients ask for each anew. */
const CHANGE_PAUSE_MS = 20;

type Handler = (request: ClientRequest) => JsonObject | Promise<JsonObject>;

/** One a host, for any number of clients. */
export class Facade implements Disposable {
  readonly serverInfo: JsonObject = { name: 'switchyard', title: 'Switchyard', version: packageVersion() };
  readonly #options: FacadeOptions;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #tools: ServedTools;
  readonly #resources: ServedResources;
  readonly #runs: ServedRuns;
  readonly #listeners = new InFlight<number, FacadeListener>();
  #lastListener = 0;
  readonly #end = new AbortController();
  readonly #exchanges = new Exchanges();
  readonly #changed = new Set<ListKind>();
  readonly #quiet = new QuietTime();
  #pause: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(options: FacadeOptions) {
    this.#options = options;
    const { approvalWaitMs = APPROVAL_WAIT_MS } = options;
    const runs = new ServedRuns(options);
    runs.offer(options.workflows ?? []);
    this.#runs = runs;
    const tools = new ServedTools(options, runs, approvalWaitMs);
    this.#tools = tools;
    const resources = new ServedResources(options, runs);
    this.#resources = resources;
    const prompts = new ServedPrompts(options);
    this.#handlers = new Map<string, Handler>([
      ['tools/list', (request) => this.#list(() => tools.list(request))],
      ['tools/call', (request) => tools.call(request)],
      ['resources/list', (request) => this.#list(() => resources.list(request))],
      ['resources/templates/list', (request) => this.#list(() => resources.listTemplates(request))],
      ['resources/read', this.#whenKnown(resources, (request) => resources.read(request))],
      ['prompts/list', (request) => this.#list(() => prompts.list(request))],
      ['prompts/get', this.#whenKnown(prompts, (request) => prompts.get(request))],
      ['completion/complete', this.#whenKnown(prompts, (request) => prompts.complete(request))],
    ]);
    void this.#watch();
    void this.#watchMessages();
  }

  get capabilities(): JsonObject {
    return {
      tools: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      prompts: { listChanged: true },
      completions: {},
      logging: {},
      extensions: { 'io.modelcontextprotocol/ui': {} },
    };
  }

  /** Whether a client of the modern era can ask for it. */
  implements(method: string): boolean {
    return this.#handlers.has(method) || method === 'server/discover' || method === 'subscriptions/listen';
  }

  /** Of the tool with that name; undefined where there is none. */
  inputSchemaOf(tool: string): JsonObject | undefined {
    return this.#tools.inputSchemaOf(tool);
  }

  get registry(): Registry {
    return this.#options.registry;
  }

  get instructions(): string {
    const { registry } = this.#options;
    return instructionsFrom(registry.servers(), registry.naming);
  }

  /** Rejects with what `wireError` makes an error of. */
  async handle(request: ClientRequest): Promise<JsonObject> {
    const handler = this.#handlers.get(request.method);
    if (handler === undefined) throw methodNotFound(request.method);
    const { client, method } = request;
    // A list is asked for at the start, and by itself is no work.
    if (!method.endsWith('/list')) this.#quiet.interrupt();
    if (client.era !== 'modern' || !MAY_ASK.has(method)) return handler(request);
    return this.#exchanges.handle(request, async (whole) => handler(whole));
  }

  /** See Registry.subscribe; what is our own is among it. */
  async *subscribe(uri: string, subscription: Subscription): AsyncGenerator<ResourceChange, void, undefined> {
    if (!this.#resources.knows({ uri })) await this.#firstAnswers();
    yield* this.#resources.subscribe(uri, subscription);
  }

  /** Takes these workflows in place of those before, and tells clients where their list differs. */
  offer(workflows: readonly WorkflowTool[]): void {
    if (this.#runs.offer(workflows)) this.#change('tools');
  }

  /** Answers whoever waits for a run with how it stands: it goes on without them, and without this server. */
  detachFromRuns(): void {
    this.#runs.detach();
  }

  /** It is told what belongs to no request, until it is removed by the number that is returned. */
  add(listener: FacadeListener): number {
    this.#lastListener += 1;
    this.#listeners.set(this.#lastListener, listener);
    return this.#lastListener;
  }

  remove(number: number): void {
    this.#listeners.delete(number);
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#exchanges.close();
    this.#quiet[Symbol.dispose]();
    clearTimeout(this.#pause);
    this.#listeners.clear();
  }

  /**
   * A list is answered from what is known. Servers of which nothing is known are asked behind it, and what they have is
   * told as a change: one that hangs delays nobody. Only where nothing is known at all there is something to wait for.
   */
  async #list(list: () => JsonObject): Promise<JsonObject> {
    if (this.#asking === undefined && this.#knowsNothing()) await this.#firstAnswers();
    const answer = list();
    if (this.#asking === undefined) setImmediate(() => this.#getReady());
    return answer;
  }

  /** What no snapshot has may be had by a server that has never been asked. */
  #whenKnown(served: { knows(params: JsonObject): boolean }, handler: Handler): Handler {
    return async (request) => {
      if (!served.knows(request.params)) await this.#firstAnswers();
      return handler(request);
    };
  }

  #getReady(): void {
    if (this.#end.signal.aborted) return;
    void this.#ask();
    this.#options.open().catch((error: unknown) => this.#options.onFailure?.(error));
  }

  #knowsNothing(): boolean {
    const { tools, resources, resourceTemplates, prompts } = this.#options.registry.catalog();
    return [tools, resources, resourceTemplates, prompts].every(({ length }) => length === 0);
  }

  async #firstAnswers(): Promise<void> {
    const { firstListMs = FIRST_LIST_MS } = this.#options;
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, firstListMs);
    await Promise.race([this.#ask(), over.promise]);
    clearTimeout(timer);
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#options.registry.ready({ signal: this.#end.signal });
    return this.#asking;
  }

  async #watch(): Promise<void> {
    for await (const { kind } of this.#options.registry.changes(this.#end.signal)) {
      if (kind === 'status') continue;
      this.#change(kind);
    }
  }

  #change(kind: ListKind): void {
    if (this.#end.signal.aborted) return;
    this.#changed.add(kind);
    this.#pause ??= setTimeout(() => this.#tellChanges(), CHANGE_PAUSE_MS);
  }

  async #watchMessages(): Promise<void> {
    for await (const message of this.#options.registry.messages(this.#end.signal))
      for (const listener of this.#listeners.values()) listener.onMessage(message);
  }

  #tellChanges(): void {
    this.#pause = undefined;
    const kinds = [...this.#changed];
    this.#changed.clear();
    for (const kind of kinds) for (const listener of this.#listeners.values()) listener.onListChanged(kind);
  }
}

/** Those to which a server may answer with questions (spec: basic/patterns/mrtr). */
const MAY_ASK: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

export function methodNotFound(method: string): ProtocolError {
  return new ProtocolError(ERROR.methodNotFound, `Method not found: ${shownName(method)}`);
}
