/** What the signs of complexity are made of. */

/** What a request is about, as far as it shows; candidates of a route may be `goodAt` one. */
export type Domain = 'code' | 'math' | 'reasoning' | 'writing' | 'general';

/** One thing that was seen, and what it counts. */
export interface Sign {
  readonly points: number;
  readonly reason: string;
  readonly domain?: Domain;
}

/** The points of the last step that the value is over. */
export function step(value: number, ...steps: readonly (readonly [over: number, points: number])[]): number {
  return steps.findLast(([over]) => value > over)?.[1] ?? 0;
}

/** Each of the words that occurs, once and in small letters. */
export function distinct(text: string, words: RegExp): readonly string[] {
  return [...new Set((text.match(words) ?? []).map((word) => word.toLowerCase()))];
}
