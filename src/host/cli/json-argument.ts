import { text as readAll } from 'node:stream/consumers';

import { HostError, messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';

/** The JSON object of a command line: `{}` where it is left out, stdin where it is `-`. Rejects with HostError `usage`. */
export async function jsonArgument(text: string | undefined, example: string): Promise<JsonObject> {
  if (text === undefined) return {};
  const source = text === '-' ? await readAll(process.stdin) : text;
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw new HostError(
      'usage',
      `The arguments are not JSON: ${messageOf(error)}. Write them like '${example}'.`,
    );
  }
  if (!isJsonObject(value))
    throw new HostError('usage', `The arguments must be a JSON object like '${example}'.`);
  return value;
}
