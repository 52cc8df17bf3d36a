/** Finds who answers a request that a server makes of its client (spec: client/elicitation, sampling, roots). */
import { InFlight } from '../in-flight.ts';
import type { JsonObject } from '../json.ts';
import type { RequestId } from '../wire/message.ts';
import type { Answer } from './answer.ts';
import { CallTurns, type Turn } from './call-turns.ts';
import type { ClientKey } from './session-contract.ts';
import type { InputHandler, InputRequest, LogSink } from './contract.ts';
import type { RequestRecord } from './request-ledger.ts';

export interface InputRouterOptions {
  readonly server: string;
  /** Answers what belongs to no call. */
  readonly otherwise: InputHandler | undefined;
  /** Whether the server is known to ask without saying for which call. */
  readonly asks: boolean;
  /** It was seen to. */
  readonly onAsks: () => void;
  readonly settled: () => Promise<void>;
  readonly log: LogSink;
  /** See CallTurnsOptions. */
  readonly patienceMs?: number;
}

export interface Caller {
  readonly client: ClientKey | undefined;
  readonly onInput: InputHandler | undefined;
}

interface OpenCall extends Caller {
  readonly record: RequestRecord;
  /** Stops the time of the call until the function that is returned is called. */
  readonly hold: () => () => void;
}

export interface PushedRequest extends Omit<InputRequest, 'server'> {
  /** The request of ours with whose answer it came, where the transport tells. */
  readonly relatedTo: RequestId | undefined;
}

/** The methods during which a server may turn to its client. */
const INTERACTIVE = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** The owner of what the host does itself. */
const HOST = 'host';

/** JSON-RPC error that the specification names for a refused sampling request. */
class InputRefused extends Error {
  readonly code = -1;
}

export class InputRouter {
  readonly #options: InputRouterOptions;
  readonly #turns: CallTurns;
  readonly #calls = new InFlight<number, OpenCall>();
  #lastCall = 0;
  #rootsAsked = false;

  constructor(options: InputRouterOptions) {
    this.#options = options;
    this.#turns = new CallTurns(options);
  }

  /** Undefined where the call may be sent at once; else what is to be waited for before. */
  turn(
    method: string,
    { client }: Caller,
    wait: { readonly signal: AbortSignal | undefined; readonly waitMs: number },
  ): Promise<Turn> | undefined {
    if (!INTERACTIVE.has(method)) return undefined;
    return this.#turns.enter({ owner: ownerOf(client), ...wait });
  }

  /** Registers a call that has its turn; the function that is returned takes it away again. */
  enter(method: string, call: OpenCall): (answer: Answer | undefined) => void {
    if (!INTERACTIVE.has(method)) return () => undefined;
    const key = ++this.#lastCall;
    this.#calls.set(key, call);
    return (answer) => {
      this.#calls.delete(key);
      this.#turns.leave(ownerOf(call.client), { answered: !mayGoOn(answer) });
    };
  }

  /** Without anyone to ask: an elicitation is declined, sampling is refused, no roots are shown. */
  async answer(request: PushedRequest): Promise<JsonObject> {
    const { method, params, signal } = request;
    const { server, otherwise } = this.#options;
    const call = await this.#callOf(request);
    const handler = call?.onInput ?? otherwise;
    if (handler === undefined) return unanswered(method);
    const stopped = [...this.#calls.values()].map(({ hold }) => hold());
    const takenBack = new AbortController();
    const asked =
      call &&
      this.#turns.asking(ownerOf(call.client), () => {
        this.#log('question-taken-back', { method });
        takenBack.abort(new Error(TAKEN_BACK));
      });
    try {
      return await handler({ server, method, params, signal: AbortSignal.any([signal, takenBack.signal]) });
    } catch (error) {
      if (!takenBack.signal.aborted) throw error;
      return unanswered(method);
    } finally {
      asked?.();
      for (const goOn of stopped) goOn();
    }
  }

  /** Whose call the request of ours is; undefined for none. */
  ownerOf(request: RequestId | undefined): string | undefined {
    if (request === undefined) return undefined;
    const call = [...this.#calls.values()].find(({ record }) => record.id === request);
    return call && ownerOf(call.client);
  }

  close(): void {
    this.#turns.close();
  }

  async #callOf({ method, relatedTo, signal }: PushedRequest): Promise<OpenCall | undefined> {
    const calls = [...this.#calls.values()];
    // One that has ended meanwhile leaves nobody to ask: the question is not given to another.
    if (relatedTo !== undefined) return calls.find(({ record }) => record.id === relatedTo);
    if (calls.length === 0) return undefined;
    const owners = new Set(calls.map(({ client }) => ownerOf(client)));
    if (this.#isOfStart(method)) {
      if (owners.size > 1) return undefined;
    } else if (!this.#turns.asks) {
      this.#turns.takeTurns();
      this.#options.onAsks();
    }
    const owner = await this.#turns.ownerOfQuestion(signal);
    if (owner === undefined) this.#log('question-of-no-call', { method, callers: owners.size });
    return [...this.#calls.values()].findLast(({ client }) => ownerOf(client) === owner);
  }

  /** A server that asks for the roots once does so because it has been connected, and not for a call. */
  #isOfStart(method: string): boolean {
    if (method !== 'roots/list' || this.#rootsAsked) return false;
    this.#rootsAsked = true;
    return true;
  }

  #log(event: string, fields: JsonObject): void {
    const { log, server } = this.#options;
    log({ level: 'warn', component: 'registry', event, server, fields });
  }
}

const TAKEN_BACK =
  'The question was open for long, and another client waits for this server, which asks one client at a time. ' +
  'To let it wait for as long as it takes, give each client a connection of its own: "isolation": "session".';

/** The server may still be at work on it, and ask. */
function mayGoOn(answer: Answer | undefined): boolean {
  return answer?.type === 'lost' && GOES_ON.has(answer.cause);
}

const GOES_ON: ReadonlySet<string> = new Set(['timeout', 'cancelled', 'connection-lost']);

function ownerOf(client: ClientKey | undefined): string {
  return client?.owner ?? client?.session ?? HOST;
}

function unanswered(method: InputRequest['method']): JsonObject {
  switch (method) {
    case 'elicitation/create':
      return { action: 'decline' };
    case 'roots/list':
      return { roots: [] };
    case 'sampling/createMessage':
      throw new InputRefused('This host has nobody who could approve sampling for this call.');
    default:
      return method satisfies never;
  }
}
