/** How text becomes search terms; the same for a tool's fields and for a request. */

/**
 * Words of a text in order: identifiers are split at case changes, digits and punctuation (`listPullRequests2` →
 * `list`, `pull`, `request`, `2`), lower-cased, stripped of accents and lightly stemmed. Ideographic scripts, which
 * write without spaces, become overlapping pairs of characters.
 */
export function searchTerms(text: string): string[] {
  const terms: string[] = [];
  const plain = text.normalize('NFKD').replaceAll(/\p{M}+/gu, '');
  for (const [word] of plain.matchAll(WORD)) {
    if (IDEOGRAPHIC.test(word)) {
      for (const pair of characterPairs(word)) terms.push(pair);
      continue;
    }
    for (const [part] of word.matchAll(PART)) terms.push(stem(part.toLowerCase()));
  }
  return terms;
}

/** The terms of a request: those of its text without words that say nothing about a tool, each once. */
export function requestTerms(text: string): string[] {
  const all = searchTerms(text.replaceAll(/['’](?:s|t|d|m|re|ve|ll)\b/gi, ''));
  const telling = all.filter((term) => !FUNCTION_WORDS.has(term));
  return [...new Set(telling.length > 0 ? telling : all)];
}

const WORD = /[\p{L}\p{N}]+/gu;
const IDEOGRAPHIC = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** An acronym before a capitalised word, a word with its capital, a run of capitals, other letters, or digits. */
const PART = /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}]+|\p{Lu}+|\p{L}+|\p{N}+/gu;

function characterPairs(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length < 2) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/**
 * Folds the commonest English endings (plurals, -ing, -ed, a final e or y) and nothing more: tool vocabularies are
 * technical, and a stronger stemmer makes `universal` and `university` one word.
 */
function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  let stemmed = word;
  if (stemmed.endsWith('ies') && stemmed.length > 4) stemmed = `${stemmed.slice(0, -3)}y`;
  else if (/(?:ss|sh|ch|x|z)es$/.test(stemmed)) stemmed = stemmed.slice(0, -2);
  else if (/[^sui]s$/.test(stemmed)) stemmed = stemmed.slice(0, -1);
  const ending = /(?:ing|ed)$/.exec(stemmed);
  if (ending !== null && /[aeiouy]/.test(stemmed.slice(0, ending.index)) && ending.index >= 3) {
    stemmed = stemmed.slice(0, ending.index);
    if (/([bdgmnprt])\1$/.test(stemmed)) stemmed = stemmed.slice(0, -1);
  }
  if (stemmed.length > 3 && stemmed.endsWith('e')) stemmed = stemmed.slice(0, -1);
  if (stemmed.length > 3 && stemmed.endsWith('y')) stemmed = `${stemmed.slice(0, -1)}i`;
  return stemmed;
}

/**
 * What a term shares with its relatives: `translator`, `translation` and `translate` have one root. Marked, so that a
 * root is never taken for a term. Cuts wrongly now and then, and therefore counts little (search.ts).
 */
export function root(term: string): string {
  if (!/^[a-z]+$/.test(term)) return `~${term}`;
  const ending = ENDINGS.find((candidate) => {
    return term.endsWith(candidate) && term.length - candidate.length >= MIN_ROOT_LENGTH;
  });
  return `~${ending === undefined ? term : term.slice(0, -ending.length)}`;
}

const MIN_ROOT_LENGTH = 4;
/** Longest first. */
const ENDINGS: readonly string[] =
  `ational ization isation fulness iveness ations ation ators ator ating ated ates ate at
  ities ity ments ment ness ances ance ences ence ings ing ions ion ers er ors or ives ive ables able ible ical als al
  ous ful ed es s ly ist ism ics ic e y i`
    .split(/\s+/)
    .sort((a, b) => b.length - a.length);

const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about am an and any are as at be been being but by can could did do does for from had has have he her here hers
  him his how i if in into is it its just let ll may me might my need of on or our out please re s she should so some
  t than that the their them then there these they this those to tool use us ve want was we were what when where which
  who whom why will with would you your`
    .split(/\s+/)
    .map(stem),
);
