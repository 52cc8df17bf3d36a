/** What servers asked during a call and neither the client nor the host could answer, for clients that are told so by an error. */
import type { JsonObject } from '../../json.ts';
import type { CallerInput } from '../tool-call/caller-input.ts';
import { ERROR, ProtocolError } from './protocol.ts';

export class AskedInVain {
  readonly #required = new Set<string>();

  /** The same caller, of which it is noted what it lacks. */
  noting(input: CallerInput): CallerInput {
    return { ...input, unanswered: (method) => void this.#required.add(capabilityFor(method)) };
  }

  /**
   * Where a call failed and something was asked in vain, the client has to be told which capability was missing (spec
   * 2026-07-28: basic, "Error Codes"). Servers of that era say so themselves.
   */
  throwIfAny(): void {
    if (this.#required.size === 0) return;
    const names = [...this.#required];
    const requiredCapabilities: JsonObject = Object.fromEntries(names.map((name) => [name, {}]));
    const message = `The call needs a client with the capability ${names.join(', ')}, and no model is set up here.`;
    throw new ProtocolError(ERROR.missingCapability, message, { requiredCapabilities });
  }
}

/** `sampling/createMessage` needs `sampling`. */
function capabilityFor(method: string): string {
  return method.slice(0, method.indexOf('/'));
}
