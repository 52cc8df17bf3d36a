import type { TokenCounter } from '../../embedding/index.ts';
import type { ChunkInput } from '../store/contract.ts';
import { atomsOf } from './atoms.ts';
import type { Atom } from './atoms.ts';
import { blocksOf } from './blocks.ts';
import type { Block, ParsedDocument, ParsedPart } from './parsed.ts';

/** Stored with each document: a document that was cut by another rule is cut again. */
export function chunkerName(counter: TokenCounter): string {
  return `structure-1-${counter.exact ? 'counted' : 'estimated'}`;
}

export interface ChunkerOptions {
  readonly counter: TokenCounter;
  /** Of headings and text together, as they are embedded. */
  readonly maxTokens: number;
}

/** Headings may take this share of a chunk; the outermost are left out first. */
const HEADING_SHARE = 0.25;

/**
 * Cuts a document at its structure: a chunk never crosses a heading or a page, keeps blocks, rows and sentences whole
 * where they fit, and its text is verbatim with exact lines. Headings are not part of the text. The chunks of one
 * section are of about equal length.
 */
export function chunkDocument(document: ParsedDocument, options: ChunkerOptions): readonly ChunkInput[] {
  return document.parts.flatMap((part) =>
    sectionsOf(blocksOf(part)).flatMap((section) => cut(section, part, options)),
  );
}

type Section = { readonly headings: readonly string[]; readonly blocks: readonly Block[] };

/** A heading opens a section; one with nothing below it stands for itself, unless headings within it follow. */
function sectionsOf(blocks: readonly Block[]): readonly Section[] {
  const sections: { headings: readonly string[]; blocks: Block[] }[] = [];
  for (const [index, block] of blocks.entries()) {
    const open = sections.at(-1);
    if (block.kind === 'heading') {
      const next = blocks[index + 1];
      const hasContent =
        next !== undefined && (next.kind !== 'heading' || next.headings.length > block.headings.length);
      sections.push({ headings: block.headings, blocks: hasContent ? [] : [block] });
    } else if (open === undefined) {
      sections.push({ headings: block.headings, blocks: [block] });
    } else {
      open.blocks.push(block);
    }
  }
  return sections.filter((section) => section.blocks.length > 0);
}

function cut(
  section: Section,
  part: ParsedPart,
  { counter, maxTokens }: ChunkerOptions,
): readonly ChunkInput[] {
  const headings = headingsWithin(section.headings, maxTokens * HEADING_SHARE, counter);
  const room = maxTokens - counter.count(headings.join(' › '));
  const atoms = section.blocks.flatMap((block, blockIndex) =>
    atomsOf(block, room, counter).map((atom, index) =>
      index === 0 ? { ...atom, before: gapBetween(section.blocks[blockIndex - 1], block) } : atom,
    ),
  );
  const total = atoms.reduce((sum, { tokens }) => sum + tokens, 0);
  const enough = total / Math.ceil(total / room);
  const chunks: ChunkInput[] = [];
  let open: Atom[] = [];
  let size = 0;
  for (const atom of atoms) {
    const extra = open.length > 0 ? 0 : headerTokens(atom, counter);
    if (open.length > 0 && (size >= enough || size + atom.tokens > room)) {
      chunks.push(chunkOf(open, headings, part));
      open = [];
      size = headerTokens(atom, counter);
    }
    open.push(atom);
    size += atom.tokens + extra;
  }
  if (open.length > 0) chunks.push(chunkOf(open, headings, part));
  return chunks;
}

function chunkOf(atoms: readonly Atom[], headings: readonly string[], part: ParsedPart): ChunkInput {
  const text = atoms.map((atom, index) => (index === 0 ? atom.text : atom.before + atom.text)).join('');
  const header = atoms[0]?.tableHeader;
  const place = part.page === undefined ? placeOf(atoms) : { page: part.page };
  return { text, headings: header === undefined ? headings : [...headings, header], ...place };
}

/** Line numbers are listed one by one only where they do not simply count up. */
function placeOf(atoms: readonly Atom[]): Pick<ChunkInput, 'startLine' | 'endLine' | 'lineNumbers'> {
  const numbers: number[] = [];
  for (const [index, atom] of atoms.entries()) {
    const breaks = index === 0 ? 0 : atom.before.split('\n').length - 1;
    const first = atom.lineNumbers[0] ?? 1;
    for (let skipped = breaks - 1; skipped > 0; skipped -= 1) numbers.push(first - skipped);
    numbers.push(...(index > 0 && breaks === 0 ? atom.lineNumbers.slice(1) : atom.lineNumbers));
  }
  const startLine = numbers[0] ?? 1;
  const endLine = numbers.at(-1) ?? startLine;
  const counted = numbers.every((number, index) => number === startLine + index);
  return { startLine, endLine, ...(!counted && { lineNumbers: numbers }) };
}

/** The line breaks between two blocks, as many as in the source where its lines are consecutive. */
function gapBetween(previous: Block | undefined, block: Block): string {
  const last = previous?.lines.at(-1)?.number ?? 0;
  const breaks = (block.lines[0]?.number ?? 0) - last;
  return '\n'.repeat(Math.min(Math.max(breaks, 1), LONGEST_GAP_LINES));
}

/** A source with more blank lines in a row has its lines listed one by one. */
const LONGEST_GAP_LINES = 3;

function headerTokens(atom: Atom, counter: TokenCounter): number {
  return atom.tableHeader === undefined ? 0 : counter.count(atom.tableHeader) + 1;
}

function headingsWithin(
  headings: readonly string[],
  tokens: number,
  counter: TokenCounter,
): readonly string[] {
  for (let first = 0; first < headings.length; first += 1) {
    const kept = headings.slice(first);
    if (counter.count(kept.join(' › ')) <= tokens) return kept;
  }
  return [];
}
