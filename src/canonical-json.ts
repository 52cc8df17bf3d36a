import { isJsonObject, type Json } from './json.ts';

/** JSON whose keys are in order, at any depth: equal values have one text however they were written. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, inner: Json) => {
    if (!isJsonObject(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
