/** How many tokens a text may be. An estimate: a provider's own count replaces it wherever there is one. */
import { estimateTokenCount } from 'tokenx';

/** Texts up to here are estimated whole; of longer ones three pieces are, because the estimate itself takes time. */
const WHOLE_CHARACTERS = 16_000;
const PIECE_CHARACTERS = 5_000;

export function estimateTokens(text: string): number {
  if (text.length <= WHOLE_CHARACTERS) return estimateTokenCount(text);
  const middle = (text.length - PIECE_CHARACTERS) >> 1;
  const pieces = [0, middle, text.length - PIECE_CHARACTERS].map((start) =>
    text.slice(start, start + PIECE_CHARACTERS),
  );
  const tokens = pieces.reduce((sum, piece) => sum + estimateTokenCount(piece), 0);
  return Math.round((tokens / (pieces.length * PIECE_CHARACTERS)) * text.length);
}

/** Whether the text is sure or estimated to have at most so many tokens; a token has at least one character. */
export function fitsTokens(text: string, maxTokens: number): boolean {
  return text.length <= maxTokens || estimateTokens(text) <= maxTokens;
}

/** The beginning of a text with about so many tokens, ended after a line where one ends near; never half a character. */
export function headOfTokens(text: string, maxTokens: number): string {
  if (fitsTokens(text, maxTokens)) return text;
  // Most texts have fewer than six characters a token, so this beginning holds the head and tells its density.
  const beginning = text.slice(0, Math.max(1_000, maxTokens * 6));
  const characters = Math.floor((beginning.length * maxTokens) / Math.max(1, estimateTokens(beginning)));
  return wellFormedHead(text, Math.min(characters, maxTokens * 8));
}

/** The first characters of a text; up to the last line that ends in their last fifth, else up to a whole character. */
function wellFormedHead(text: string, length: number): string {
  if (text.length <= length) return text;
  const newline = text.lastIndexOf('\n', length - 1);
  if (newline >= length * 0.8) return text.slice(0, newline + 1);
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
