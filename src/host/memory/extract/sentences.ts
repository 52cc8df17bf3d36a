/** Cuts what a person wrote into sentences that could be remembered: no code, no quotations, nothing that is pasted. */

const ABBREVIATION =
  /(?:^|\s)(?:dr|mr|mrs|ms|prof|st|no|vs|e\.g|i\.e|etc|approx|ca|bzw|z\.\s?b|d\.\s?h|nr|str|hr|fr|frau|evtl|u\.\s?a)\.$/i;
const MOST_CHARACTERS = 8_000;

export function sentencesOf(text: string): readonly string[] {
  const prose = text
    .slice(0, MOST_CHARACTERS)
    .replaceAll(/```[\s\S]*?(?:```|$)/g, '\n')
    .replaceAll(/^\s*>.*$/gm, '');
  return prose
    .split(/\n+/)
    .map((line) => line.replace(/^\s*(?:[-*•+]|\d{1,2}[.)])\s+/, '').trim())
    .flatMap(sentencesOfLine)
    .filter((sentence) => sentence !== '');
}

/** A point ends a sentence before white space and a capital letter, unless it belongs to an abbreviation. */
function sentencesOfLine(line: string): string[] {
  const pieces = line.split(/(?<=[.!?;…])\s+(?=[\p{Lu}\p{N}"“„'])/u);
  const sentences: string[] = [];
  for (const piece of pieces) {
    const before = sentences.at(-1);
    if (before !== undefined && (ABBREVIATION.test(before) || /\b\p{Lu}\.$/u.test(before)))
      sentences[sentences.length - 1] = `${before} ${piece}`;
    else sentences.push(piece.trim());
  }
  return sentences;
}
