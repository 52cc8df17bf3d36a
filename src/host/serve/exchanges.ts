/** The operations of modern clients that wait for input, found again by their `requestState`. */
import { randomBytes } from 'node:crypto';

import { type JsonObject, jsonText } from '../../json.ts';
import { actorOf, type ClientRequest } from './client-request.ts';
import { Exchange } from './exchange.ts';
import { ERROR, ProtocolError } from './protocol.ts';
import { RequestStates } from './request-state.ts';

/** A person may take so long to answer; what waits longer is cancelled. */
const PARKED_MS = 10 * 60_000;
const MAX_PARKED = 1_000;
/** So that one client does not take the room of all. */
const MAX_PARKED_OF_ONE = 100;

interface Parked {
  readonly exchange: Exchange;
  readonly timer: NodeJS.Timeout;
  readonly actor: string;
}

type Perform = (request: ClientRequest) => Promise<JsonObject>;

export class Exchanges {
  readonly #states = new RequestStates();
  readonly #parked = new Map<string, Parked>();

  async handle(request: ClientRequest, perform: Perform): Promise<JsonObject> {
    const { requestState, inputResponses } = request.params;
    let exchange: Exchange;
    if (requestState === undefined) {
      exchange = new Exchange(request, perform);
    } else {
      exchange = this.#unpark(request);
      exchange.take(inputResponses);
    }
    const next = await exchange.next(request);
    if (next.type === 'result') return next.result;
    const { inputRequests } = next;
    return { resultType: 'input_required', inputRequests, requestState: this.#park(exchange, request) };
  }

  /** Cancels what waits. */
  close(): void {
    for (const { exchange, timer } of this.#parked.values()) {
      clearTimeout(timer);
      exchange.end(new Error('The gateway ends.'));
    }
    this.#parked.clear();
  }

  #park(exchange: Exchange, request: ClientRequest): string {
    const actor = actorOf(request.client);
    if (this.#parked.size >= MAX_PARKED || this.#countOf(actor) >= MAX_PARKED_OF_ONE) {
      exchange.end(new Error('Too many operations wait for input.'));
      throw new ProtocolError(
        ERROR.tooManyRequests,
        `Too many operations wait for input: ${MAX_PARKED_OF_ONE} of one client, and ${MAX_PARKED} in all. Answer one, or wait until one is over.`,
      );
    }
    const id = randomBytes(16).toString('base64url');
    const timer = setTimeout(() => {
      this.#parked.delete(id);
      exchange.end(new Error('The client did not answer in time.'));
    }, PARKED_MS);
    this.#parked.set(id, { exchange, timer, actor });
    return this.#states.sign(id, Date.now() + PARKED_MS, ownerOf(request));
  }

  #countOf(actor: string): number {
    return this.#parked.values().reduce((count, parked) => count + (parked.actor === actor ? 1 : 0), 0);
  }

  /** Each state is good for one request. */
  #unpark(request: ClientRequest): Exchange {
    const { requestState } = request.params;
    const id = this.#states.verify(jsonText(requestState), ownerOf(request), Date.now());
    const parked = id === undefined ? undefined : this.#parked.get(id);
    if (id === undefined || parked === undefined)
      throw new ProtocolError(
        ERROR.invalidParams,
        'The requestState is invalid, used or expired. Send the request again without it.',
      );
    this.#parked.delete(id);
    clearTimeout(parked.timer);
    return parked.exchange;
  }
}

function ownerOf({ client, method, params }: ClientRequest): string {
  return JSON.stringify([actorOf(client), method, params['name'] ?? params['uri'] ?? null]);
}
