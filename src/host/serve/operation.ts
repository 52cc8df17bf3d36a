/** What reading a resource, getting a prompt and completing have in common. */
import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { CallOutcome } from '../../registry/contract.ts';
import type { ClientReadOptions } from '../client-access.ts';
import type { ClientRequest } from './client-request.ts';
import { ERROR, ProtocolError } from './protocol.ts';

export function readOptions({ meta, key, signal, onProgress, input }: ClientRequest): ClientReadOptions {
  return {
    meta,
    client: key,
    signal,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(input === undefined ? {} : { caller: input }),
  };
}

/** These methods have no result that tells of a failure: it is an error of the protocol. */
export function resultOf(outcome: CallOutcome): JsonObject {
  switch (outcome.type) {
    case 'complete':
      return outcome.result;
    case 'tool-error': {
      const { code, message, result } = outcome;
      if (/^-?\d+$/.test(code)) throw new ProtocolError(Number(code), message, result);
      throw new HostError(code, message);
    }
    case 'uncertain':
      throw new ProtocolError(ERROR.internal, outcome.message);
    case 'input-required':
      throw new ProtocolError(ERROR.internal, 'The server asks for input that nobody here can give.');
    default:
      return outcome satisfies never;
  }
}
