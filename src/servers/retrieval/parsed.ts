/** A document on its way from a file to chunks. Types only. */

export type SourceLine = {
  readonly text: string;
  /** The line in the source file, from 1. Lines that were made from markup need not be consecutive. */
  readonly number: number;
};

export type ParsedPart = {
  readonly lines: readonly SourceLine[];
  /** plain: only blank lines separate blocks. markdown: headings, lists, tables and fences are recognised. */
  readonly syntax: 'plain' | 'markdown';
  /** For paged documents, whose lines are not those of the file. */
  readonly page?: number;
};

export type ParsedDocument = {
  readonly kind: 'text' | 'markdown' | 'html' | 'pdf';
  readonly parts: readonly ParsedPart[];
};

export type Block = {
  readonly kind: 'paragraph' | 'list-item' | 'table' | 'code' | 'heading';
  readonly lines: readonly SourceLine[];
  /** Headings above the block, outermost first; a heading's own text is the last. */
  readonly headings: readonly string[];
};
