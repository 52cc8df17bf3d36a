/** A text in the one form in which patterns are matched: what only looks different is made the same. */

/** Lower case, compatibility forms and look-alike letters unified, without accents but those of German, spaced letters joined. */
export function foldedText(text: string): string {
  let folded = text.normalize('NFKC').toLowerCase();
  if (/\P{ASCII}/u.test(folded)) {
    folded = folded
      .replaceAll(/[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]/g, '')
      .replaceAll(
        /[\u0430-\u04ff\u03b1-\u03c9](?=[a-z])|(?<=[a-z])[\u0430-\u04ff\u03b1-\u03c9]/g,
        (letter) => LOOK_ALIKES.get(letter) ?? letter,
      )
      .replaceAll(/[àáâãåèéêëìíîïòóôõùúûñç]/g, (letter) => letter.normalize('NFD').charAt(0))
      .replaceAll(/[’‘´`]/g, "'");
  }
  return folded.replaceAll(/(?<![\p{L}\p{N}])(?:[\p{L}\p{N}] ){5,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu, (spaced) =>
    spaced.replaceAll(' ', ''),
  );
}

const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: 'a',
    в: 'b',
    е: 'e',
    к: 'k',
    м: 'm',
    н: 'h',
    о: 'o',
    р: 'p',
    с: 'c',
    т: 't',
    у: 'y',
    х: 'x',
    і: 'i',
    ј: 'j',
    ѕ: 's',
    ԁ: 'd',
    һ: 'h',
    ԛ: 'q',
    ԝ: 'w',
    α: 'a',
    ε: 'e',
    η: 'n',
    ι: 'i',
    κ: 'k',
    ν: 'v',
    ο: 'o',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    χ: 'x',
    ω: 'w',
  }),
);
