import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from './layout.ts';

export interface TokenCounter {
  /** False where the tokenizer is missing and the counts are estimates that rather exceed the truth. */
  readonly exact: boolean;
  /**
   * Tokens of the embedder, without its two special ones. Pieces cut at white space have the counts of the whole
   * together.
   */
  count(text: string): number;
}

/** Reads the tokenizer of the embedder's folder; estimates where it is not there. */
export async function openTokenCounter(folder: string): Promise<TokenCounter> {
  const files = await Promise.all([
    read(join(folder, TOKENIZER_FILE)),
    read(join(folder, TOKENIZER_CONFIG_FILE)),
  ]);
  const [tokenizerText, configText] = files;
  if (tokenizerText === undefined || configText === undefined) return ESTIMATE;
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const tokenizer = new Tokenizer(JSON.parse(tokenizerText), JSON.parse(configText));
  return {
    exact: true,
    count: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length + unreadable(text),
  };
}

/**
 * The tokenizer makes one unknown token of a word of more than 100 characters (WordPiece), however long. Counted as what
 * its pieces would be, such a word is cut like any other text.
 */
const UNREADABLE_WORD = /[\p{L}\p{M}\p{N}]{101,}/gu;

function unreadable(text: string): number {
  let tokens = 0;
  for (const [word] of text.matchAll(UNREADABLE_WORD))
    tokens += Math.ceil(word.length / PIECE_CHARACTERS) - 1;
  return tokens;
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A word of English is one token up to about this length; beyond, it falls into pieces of about half of it. */
const WHOLE_WORD_CHARACTERS = 7;
const PIECE_CHARACTERS = 3;

const ESTIMATE: TokenCounter = {
  exact: false,
  count(text) {
    let tokens = 0;
    for (const [piece] of text.matchAll(/[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu)) {
      tokens += piece.length <= WHOLE_WORD_CHARACTERS ? 1 : Math.ceil(piece.length / PIECE_CHARACTERS);
    }
    return tokens;
  },
};
