/** What two statements have in common, and in what they differ: words without their endings, fillers left out. */

const FILLERS = new Set(
  (
    'a about all also am an and any are as at be been being but by can could did do does doing done each for from had has have ' +
    'having he her him his how i if in into is it its just may me might more most must my no nor not now of on once only or our ' +
    'ours out over own same she should so some such than that the their them then there these they this those through to too under ' +
    'until up us very was we were what when where which while who whom whose why will with would you your yours ' +
    "i'm i've we're we've it's that's actually longer instead anymore any more new currently still today already really " +
    'please remember note thanks back something someone next week month rather thema ' +
    'der die das den dem des ein eine einen einem einer eines und oder aber ist sind war waren bin bist seid sein hat habe haben ' +
    'hatte ich du er sie es wir ihr mein meine meinen meinem meiner unser unsere unseren unserem unserer mich mir dich uns euch ' +
    'nicht kein keine keinen mehr jetzt nun noch schon auch nur sehr im in am an auf aus bei mit nach von vom zu zum zur für um ' +
    'als wie dass statt stattdessen bitte übrigens doch eigentlich inzwischen wird werden wurde wurden'
  ).split(' '),
);

export function contentWords(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’._:-]*[\p{L}\p{N}]|[\p{L}\p{N}]/gu) ?? [];
  return words.filter((word) => !FILLERS.has(word)).map(stem);
}

/** Crude on purpose: both sides go through it, and a wrong stem that is the same on both does no harm. */
function stem(word: string): string {
  const plain = word.replace(/['’]s$/, '');
  if (plain.length < 5 || /\p{N}/u.test(plain)) return plain;
  return plain.replace(/(?:ings?|edly|ed|ies|es|s|en|er|e|t)$/, '');
}

export function difference(left: readonly string[], right: readonly string[]): readonly string[] {
  const others = new Set(right);
  return [...new Set(left)].filter((word) => !others.has(word));
}

export function shared(left: readonly string[], right: readonly string[]): readonly string[] {
  const others = new Set(right);
  return [...new Set(left)].filter((word) => others.has(word));
}
