/** Names of countries and peoples in English, from the language data of the runtime. */

/** Longer ones first. */
export function countryNames(): readonly string[] {
  const namesOf = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const found = codes(65, 2).map((code) => namesOf.of(code));
  const named = found.filter(
    (name): name is string => name !== undefined && /^[\p{L} .'’-]{4,}$/u.test(name),
  );
  return [...new Set([...named, 'Czech Republic', 'Turkey', 'USA', 'UK'])].sort(
    (a, b) => b.length - a.length,
  );
}

/** As languages are called, so are most peoples. */
export function peopleNames(): readonly string[] {
  const namesOf = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  const found = [...codes(97, 2), ...codes(97, 3)].map((code) => namesOf.of(code));
  const named = found.filter(
    (name): name is string =>
      name !== undefined &&
      /^\p{Lu}\p{Ll}{3,}(?:an|ish|ese|ch|ic|en|i|k)$|^(?:Greek|Dutch|Thai|Danish)$/u.test(name),
  );
  return [
    ...new Set([
      ...named,
      'American',
      'Austrian',
      'Australian',
      'Belgian',
      'Brazilian',
      'British',
      'Canadian',
      'Mexican',
      'Swiss',
    ]),
  ];
}

function codes(firstLetter: number, length: number): string[] {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(firstLetter + index));
  return length === 0
    ? ['']
    : codes(firstLetter, length - 1).flatMap((start) => letters.map((letter) => start + letter));
}
