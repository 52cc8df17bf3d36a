import { createHash } from 'node:crypto';

import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

/** SHA-256 of the arguments as JSON whose keys are in order, so that equal arguments have one hash however they were written. */
export function argumentsHash(args: JsonObject): string {
  return createHash('sha256').update(canonicalJson(args)).digest('hex');
}

function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, inner: Json) => {
    if (!isJsonObject(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
