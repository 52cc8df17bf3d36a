/**
 * Finds the line of a piece of text in its HTML source. Both are reduced to their letters and digits, so that tags,
 * entities and white space between them do not matter. Pieces are asked for in the order of the document.
 */
export class SourceLocator {
  readonly #skeleton: string;
  /** The line of each character of the skeleton. */
  readonly #lines: Uint32Array;
  #position = 0;
  #lastLine = 1;

  constructor(source: string) {
    const text = source.replaceAll(HIDDEN, (hidden) => hidden.replaceAll(/[^\n]/g, ' '));
    const characters: string[] = [];
    const lines: number[] = [];
    let line = 1;
    for (const character of text) {
      if (character === '\n') line += 1;
      if (!LETTER_OR_DIGIT.test(character)) continue;
      for (let unit = 0; unit < character.length; unit += 1) lines.push(line);
      characters.push(character);
    }
    this.#skeleton = characters.join('');
    this.#lines = Uint32Array.from(lines);
  }

  /** The line where the text begins, or that of the piece before when the source spells it differently. */
  lineOf(text: string): number {
    const wanted = (text.match(LETTERS_AND_DIGITS)?.join('') ?? '').slice(0, LONGEST_PROBE);
    if (wanted === '') return this.#lastLine;
    for (
      let length = wanted.length;
      length >= Math.min(SHORTEST_PROBE, wanted.length);
      length = Math.floor(length / 2)
    ) {
      const found = this.#skeleton.indexOf(wanted.slice(0, length), this.#position);
      if (found < 0) continue;
      this.#position = found + length;
      this.#lastLine = this.#lines[found] ?? this.#lastLine;
      break;
    }
    return this.#lastLine;
  }
}

/** Comments, scripts and styles with their content; tags; entities. Line breaks within them keep counting. */
const HIDDEN =
  /<!--[\s\S]*?-->|<(script|style|template|noscript|svg)\b[\s\S]*?<\/\1\s*>|<[/!?a-z][^<>]*>|&#?\w+;/gi;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const LETTERS_AND_DIGITS = /[\p{L}\p{N}]+/gu;
const LONGEST_PROBE = 80;
const SHORTEST_PROBE = 8;
