import { isDeepStrictEqual } from 'node:util';

/** Makes a value of the part of the config that it depends on, and makes it again when that part has changed. */
export function latest<Part, Value>(part: () => Part, make: (part: Part) => Value): () => Value {
  let made: { readonly part: Part; readonly value: Value } | undefined;
  return () => {
    const now = part();
    if (made === undefined || !(made.part === now || isDeepStrictEqual(made.part, now)))
      made = { part: now, value: make(now) };
    return made.value;
  };
}
