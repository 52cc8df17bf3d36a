import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { ERROR } from './protocol.ts';

/** An answer too large to be one text becomes an error of its request. */
export function serialised(message: JsonObject): string {
  try {
    return JSON.stringify(message);
  } catch (error) {
    const { id = null } = message;
    const text = `The answer cannot be sent: ${messageOf(error)}. Ask for a smaller part of it.`;
    return JSON.stringify({ jsonrpc: '2.0', id, error: { code: ERROR.internal, message: text } });
  }
}
