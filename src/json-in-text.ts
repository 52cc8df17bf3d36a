import type { Json } from './json.ts';

/** The JSON in an answer that came in words, such as one in a fenced block; undefined where there is none. */
export function jsonIn(text: string): Json | undefined {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(text)?.[1];
  for (const candidate of [text, fenced]) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate) as Json;
    } catch {
      // It is no JSON: who asked for it asks once more.
    }
  }
  return undefined;
}
