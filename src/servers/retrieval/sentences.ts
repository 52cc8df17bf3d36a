/** The sentences of a passage with their lines, verbatim but for line breaks, which become spaces. */
import type { StoredChunk } from '../store/contract.ts';
import { blocksOf, isTableDelimiter, withoutListMarker } from './blocks.ts';
import type { Block, SourceLine } from './parsed.ts';
import { sentenceSpans } from './sentence-split.ts';

export type Sentence = {
  readonly text: string;
  /** From 1; absent where the source has no lines of its own. */
  readonly line?: number;
  readonly kind: 'prose' | 'row' | 'code';
};

const MARKUP = /\.(md|markdown|mdx|html?|xhtml)$/i;
const SHORTEST = 12;

export function sentencesOf(chunk: StoredChunk): readonly Sentence[] {
  const lines: readonly SourceLine[] = chunk.text
    .split('\n')
    .map((text, index) => ({ text, number: chunk.lineNumbers?.[index] ?? (chunk.startLine ?? 1) + index }));
  const syntax = MARKUP.test(chunk.uri) ? 'markdown' : 'plain';
  const hasLines = chunk.startLine !== undefined;
  return blocksOf({ lines, syntax })
    .flatMap(sentencesOfBlock)
    .filter(({ text }) => text.length >= SHORTEST)
    .map(({ line, ...sentence }) => (hasLines ? { ...sentence, line } : sentence));
}

/** `**Why.** Because …`: what closes the emphasis of one sentence is counted to the next. */
const CLOSING_EMPHASIS = /^[*_]{1,3}(?=\s)/;

type PlacedSentence = Sentence & { readonly line: number };

function sentencesOfBlock(block: Block): readonly PlacedSentence[] {
  switch (block.kind) {
    case 'heading':
      return [];
    case 'code':
      return block.lines.map(({ text, number }) => ({ text: text.trim(), line: number, kind: 'code' }));
    case 'table':
      return block.lines
        .filter(({ text }) => !isTableDelimiter(text))
        .map(({ text, number }) => ({ text: text.trim(), line: number, kind: 'row' }));
    case 'list-item':
    case 'paragraph':
      return proseSentences(block.lines);
    default:
      return block.kind satisfies never;
  }
}

function proseSentences(lines: readonly SourceLine[]): readonly PlacedSentence[] {
  const text = lines.map((line) => line.text).join('\n');
  return sentenceSpans(text).map(({ start, end }) => {
    const before = text.slice(0, start).split('\n').length - 1;
    const sentence = withoutListMarker(text.slice(start, end).replace(CLOSING_EMPHASIS, ''))
      .replaceAll(/\s+/g, ' ')
      .trim();
    return { text: sentence, line: lines[before]?.number ?? 1, kind: 'prose' };
  });
}
