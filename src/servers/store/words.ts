/** What counts as a word of a query, and the expression that finds it in SQLite's full-text index. */

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const PHRASE = /["“”`]([^"“”`]+)["“”`]/g;
const MOST_WORDS = 64;

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a about all also am an and any are as at be been being but by can could did do does doing each for from had has ' +
    'have having he her his how i if in into is it its itself just may me might my no nor not of on only or other our ' +
    'out own shall she should so some such than that the their them then there these they this those through to too ' +
    'us very was we were what when where which while who whom whose why will with would you your'
  ).split(' '),
);

/** Lower-case words in order, repeated ones included. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** The words that carry meaning, in order; all words when there are no others. */
export function meaningfulWords(text: string): string[] {
  const words = wordsOf(text);
  const meaningful = words.filter((word) => !STOP_WORDS.has(word));
  return meaningful.length > 0 ? meaningful : words;
}

/** The parts of `camelCase` and `HTTPServer` names in a text, so that `maxTurns` is found by "max turns". */
export function identifierParts(text: string): string {
  const parts = new Set<string>();
  for (const [word] of text.matchAll(WORD)) {
    const pieces = word.split(/(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
    if (pieces.length > 1) for (const piece of pieces) parts.add(piece.toLowerCase());
  }
  return [...parts].join(' ');
}

/** An FTS5 expression that matches any meaningful word or quoted phrase, or undefined when the query has no words. */
export function matchExpression(query: string): string | undefined {
  const words = new Set([...meaningfulWords(query), ...identifierParts(query).split(' ').filter(Boolean)]);
  const phrases = [...query.matchAll(PHRASE)]
    .map(([, phrase = '']) => wordsOf(phrase))
    .filter(({ length }) => length > 1);
  const terms = [...[...words].slice(0, MOST_WORDS).map((word) => [word]), ...phrases];
  if (terms.length === 0) return undefined;
  return terms.map((term) => `"${term.join(' ')}"`).join(' OR ');
}
