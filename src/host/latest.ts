import { isDeepStrictEqual } from 'node:util';

/** Makes a value of the part of the config that it depends on, and makes it again when that part has changed. */
export function latest<Part, Value>(part: () => Part, make: (part: Part) => Value): () => Value {
  let made: { part: Part; readonly value: Value } | undefined;
  return () => {
    const now = part();
    if (made?.part === now) return made.value;
    if (made === undefined || !isDeepStrictEqual(made.part, now)) made = { part: now, value: make(now) };
    // A config that was read again says the same in other objects: they are compared once.
    else made.part = now;
    return made.value;
  };
}
