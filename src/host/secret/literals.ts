/** Finds many fixed texts at once, in a time that hardly grows with their number (Wu and Manber, 1994). */

export interface Literals {
  /** The first match at or after `from`: of those that begin there the longest. */
  next(text: string, from: number): { readonly start: number; readonly end: number } | undefined;
}

const BLOCK = 2;
const TABLE_SIZE = 4096;

/** `literals` shorter than two characters are left out. */
export function createLiterals(literals: readonly string[]): Literals {
  const longestFirst = [...new Set(literals)]
    .filter((literal) => literal.length >= BLOCK)
    .sort((a, b) => b.length - a.length);
  const shortest = longestFirst.at(-1)?.length;
  if (shortest === undefined) return { next: () => undefined };
  const furthest = shortest - BLOCK + 1;
  // How far the end of the window may move on when its last two characters are these.
  const shifts = new Uint8Array(TABLE_SIZE).fill(Math.min(furthest, 255));
  const endingIn = new Map<number, string[]>();
  for (const literal of longestFirst) {
    for (let end = BLOCK; end <= shortest; end += 1) {
      const hash = blockHash(literal, end - BLOCK);
      const shift = shortest - end;
      shifts[hash] = Math.min(shifts[hash] ?? shift, shift);
      if (shift === 0) endingIn.set(hash, [...(endingIn.get(hash) ?? []), literal]);
    }
  }
  return {
    next(text, from) {
      let last = from + shortest - BLOCK;
      while (last + BLOCK <= text.length) {
        const hash = blockHash(text, last);
        const shift = shifts[hash] ?? 1;
        if (shift > 0) {
          last += shift;
          continue;
        }
        const start = last + BLOCK - shortest;
        const found = endingIn.get(hash)?.find((literal) => text.startsWith(literal, start));
        if (found !== undefined) return { start, end: start + found.length };
        last += 1;
      }
      return undefined;
    },
  };
}

function blockHash(text: string, at: number): number {
  return ((text.charCodeAt(at) << 5) ^ text.charCodeAt(at + 1)) & (TABLE_SIZE - 1);
}
