/**
 * Words in which Latin letters stand beside Cyrillic or Greek ones: how one name is made to look like another (Unicode
 * TR 39, "mixed-script confusables"). Each with the letters that do not belong, by their code points.
 */
export function lookAlikes(text: string, limit = 3): readonly string[] {
  const head = text.slice(0, MAX_CHARACTERS);
  const found = new Map<string, string>();
  for (const [word] of head.matchAll(/[\p{L}\p{N}][\p{L}\p{N}._-]*/gu)) {
    if (found.size >= limit) break;
    if (!/\p{Script=Latin}/u.test(word)) continue;
    const foreign = [...new Set(word.match(CONFUSABLE) ?? [])];
    if (foreign.length > 0) found.set(word, `${word} (${foreign.map(codePoint).join(' ')})`);
  }
  return [...found.values()];
}

/** Cyrillic, then Greek. Letters of units and formulas (μ, Ω, π) look like no Latin one. */
const CONFUSABLE = /[аеорсухіѕјԁһкмтвнАВЕКМНОРСТХІЅЈοναρικυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]/gu;

/** A warning needs no more than the beginning of a long text. */
const MAX_CHARACTERS = 50_000;

function codePoint(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
