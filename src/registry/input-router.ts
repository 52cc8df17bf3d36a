/** Finds who answers a request that a server makes of its client (spec: client/elicitation, sampling, roots). */
import type { JsonObject } from '../json.ts';
import type { InputHandler, InputRequest } from './contract.ts';

interface OpenCall {
  readonly onInput: InputHandler | undefined;
  /** Stops the time of the call until the function that is returned is called. */
  readonly hold: () => () => void;
}

/** The methods during which a server may turn to its client. */
const INTERACTIVE = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** JSON-RPC error that the specification names for a refused sampling request. */
class InputRefused extends Error {
  readonly code = -1;
}

export class InputRouter {
  readonly #server: string;
  readonly #otherwise: InputHandler | undefined;
  readonly #calls = new Set<OpenCall>();

  constructor(server: string, otherwise: InputHandler | undefined) {
    this.#server = server;
    this.#otherwise = otherwise;
  }

  /** Registers a call in flight; the function that is returned takes it away again. */
  enter(method: string, { onInput, hold }: OpenCall): () => void {
    if (!INTERACTIVE.has(method)) return () => undefined;
    const call = { onInput, hold };
    this.#calls.add(call);
    return () => this.#calls.delete(call);
  }

  /**
   * Nothing in a legacy server's request says which call it belongs to, so it goes to a call only where that is the
   * only one in flight. Without anyone to ask: an elicitation is declined, sampling is refused, no roots are shown.
   */
  async answer(method: InputRequest['method'], params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const [only] = this.#calls;
    const handler = (this.#calls.size === 1 ? only?.onInput : undefined) ?? this.#otherwise;
    if (handler !== undefined) {
      const release = [...this.#calls].map((call) => call.hold());
      try {
        return await handler({ server: this.#server, method, params, signal });
      } finally {
        for (const letGo of release) letGo();
      }
    }
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
}
