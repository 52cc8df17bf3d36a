/** Takes out of a text what a person does not see and a model or a terminal obeys. */

export interface Neutralised {
  readonly text: string;
  /** Zero-width characters, tag characters and others without a picture. */
  readonly invisible: number;
  /** Characters that turn the direction of reading. */
  readonly directional: number;
  /** Terminal sequences and other control characters. */
  readonly controls: number;
}

/** Each is left out; the counts tell that it was there. What scripts and emoji need to be written right stays. */
export function neutralise(text: string): Neutralised {
  const counts = { invisible: 0, directional: 0, controls: 0 };
  if (!SUSPECT.test(text)) return { text, ...counts };
  const clean = text
    .replace(TERMINAL_SEQUENCES, () => {
      counts.controls += 1;
      return '';
    })
    .replace(CHARACTERS, (character, offset: number, whole: string) => {
      const code = character.codePointAt(0) ?? 0;
      if (isJoiner(code) && joins(whole, offset)) return character;
      if (isDirectional(code)) counts.directional += 1;
      else if (code < 0xa0) counts.controls += 1;
      else counts.invisible += 1;
      return '';
    });
  return { text: clean, ...counts };
}

/** What tag characters spell, which is how text is smuggled past a reader; '' where there are none. */
export function smuggledText(text: string): string {
  if (!/\u{e0020}|[\u{e0021}-\u{e007e}]/u.test(text)) return '';
  return Array.from(text.matchAll(/[\u{e0020}-\u{e007e}]/gu), ([tag]) =>
    String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000),
  ).join('');
}

/** Words that mix letters of look-alike scripts, the first few of them: `pаypal` with a Cyrillic а. */
export function mixedScriptWords(text: string): readonly string[] {
  if (!/[\u0370-\u052f]/.test(text)) return [];
  const found = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{M}]{3,}/gu)) {
    const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u];
    if (scripts.filter((script) => script.test(word)).length > 1) found.add(word);
    if (found.size === 3) break;
  }
  return [...found];
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is looked for
const TERMINAL_SEQUENCES =
  // oxlint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]{0,4096}(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const SUSPECT =
  /(?![\t\n\r])\p{Cc}|[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]|\u034f|\u17b4|\u17b5|[\u{e0100}-\u{e01ef}]/u;
const CHARACTERS = new RegExp(SUSPECT.source, 'gu');
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what is looked for

function isDirectional(code: number): boolean {
  return (
    code === 0x61c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}

function isJoiner(code: number): boolean {
  return code === 0x200c || code === 0x200d;
}

/** Between two signs of a script or of an emoji a joiner is part of how they are written. */
function joins(text: string, at: number): boolean {
  const [before] = /.$/u.exec(text.slice(Math.max(0, at - 2), at)) ?? [];
  const [after] = /^./u.exec(text.slice(at + 1, at + 3)) ?? [];
  return before !== undefined && after !== undefined && NEEDS_JOINER.test(before) && NEEDS_JOINER.test(after);
}

const NEEDS_JOINER =
  /\ufe0f|\p{Emoji_Modifier}|[\p{Extended_Pictographic}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Telugu}\p{Script=Tamil}\p{Script=Sinhala}\p{Script=Gujarati}\p{Script=Khmer}\p{Script=Syriac}]/u;
