import { estimateTokenCount } from 'tokenx';

/** The embedder reads 250 tokens of a text; an estimate needs room to be wrong. */
const MOST_TOKENS = 180;
const SENTENCE = /[^.!?。！？\n]*(?:[.!?。！？\n]+\s*|$)/gu;
const WORD = /\s*\S{1,200}\s*|\s+/gu;

/** Cuts a text after sentences, else after words, into pieces that can be embedded. Joined they are the text. */
export function piecesOf(text: string): readonly string[] {
  const units = matches(text, SENTENCE).flatMap((sentence) =>
    estimateTokenCount(sentence) <= MOST_TOKENS ? [sentence] : matches(sentence, WORD),
  );
  const pieces: string[] = [];
  let piece: string[] = [];
  let tokens = 0;
  for (const unit of units) {
    const unitTokens = estimateTokenCount(unit);
    if (piece.length > 0 && tokens + unitTokens > MOST_TOKENS) {
      pieces.push(piece.join(''));
      piece = [];
      tokens = 0;
    }
    piece.push(unit);
    tokens += unitTokens;
  }
  if (piece.length > 0) pieces.push(piece.join(''));
  return pieces;
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return (text.match(pattern) ?? []).filter((part) => part !== '');
}
