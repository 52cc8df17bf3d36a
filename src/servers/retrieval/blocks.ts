/** Finds the structure of a text by lines (CommonMark 0.31 block rules and GitHub's tables, as far as chunks need them). */
import type { Block, ParsedPart, SourceLine } from './parsed.ts';

const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const HEADING = /^\s{0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const UNDERLINE = /^\s{0,3}(=+|-{2,})\s*$/;
const LIST_MARKER = /^\s*(?:[-*+]|\d{1,9}[.)])\s+/;
const TABLE_DELIMITER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const FRONT_MATTER = /^---\s*$/;

export function blocksOf({ lines, syntax }: ParsedPart): readonly Block[] {
  return syntax === 'plain' ? paragraphsOf(lines) : new MarkdownReader(lines).read();
}

function paragraphsOf(lines: readonly SourceLine[]): readonly Block[] {
  const blocks: Block[] = [];
  let open: SourceLine[] = [];
  const close = (): void => {
    if (open.length > 0) blocks.push({ kind: 'paragraph', lines: open, headings: [] });
    open = [];
  };
  for (const line of lines) {
    if (isBlank(line)) close();
    else open.push(line);
  }
  close();
  return blocks;
}

/** True for a line such as `|---|:--:|`. */
export function isTableDelimiter(text: string): boolean {
  return text.includes('|') && TABLE_DELIMITER.test(text);
}

/** `- item` and `1. item` without their marker. */
export function withoutListMarker(text: string): string {
  return text.replace(LIST_MARKER, '');
}

/** A heading as people read it: without emphasis, code marks and link targets. */
function plainInline(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?=\s|$|[.,:;!?)])/g, '')
    .trim();
}

function isBlank({ text }: SourceLine): boolean {
  return text.trim() === '';
}

class MarkdownReader {
  readonly #lines: readonly SourceLine[];
  readonly #blocks: Block[] = [];
  #headings: { readonly level: number; readonly text: string }[] = [];
  #next = 0;

  constructor(lines: readonly SourceLine[]) {
    this.#lines = lines;
  }

  read(): readonly Block[] {
    if (this.#matches(0, FRONT_MATTER)) this.#takeUntil('code', FRONT_MATTER);
    while (this.#next < this.#lines.length) this.#readBlock();
    return this.#blocks;
  }

  #readBlock(): void {
    const line = this.#lines[this.#next];
    if (line === undefined || isBlank(line)) {
      this.#next += 1;
      return;
    }
    const fence = FENCE.exec(line.text)?.[1];
    if (fence !== undefined) {
      this.#takeUntil('code', new RegExp(`^\\s{0,3}${fence.charAt(0)}{${fence.length},}\\s*$`));
    } else if (this.#takeHeading(line)) {
      return;
    } else if (this.#isTableStart(this.#next)) {
      this.#takeWhile('table', (at) => this.#text(at).includes('|'));
    } else if (LIST_MARKER.test(line.text)) {
      this.#takeWhile('list-item', (at) => !this.#interrupts(at));
    } else {
      this.#takeWhile('paragraph', (at) => !this.#interrupts(at));
    }
  }

  #takeHeading(line: SourceLine): boolean {
    const marked = HEADING.exec(line.text);
    if (marked !== null) {
      this.#openHeading(marked[1]?.length ?? 1, marked[2] ?? '', [line]);
      this.#next += 1;
      return true;
    }
    const below = this.#lines[this.#next + 1];
    const underline = below === undefined ? null : UNDERLINE.exec(below.text);
    if (below === undefined || underline === null || LIST_MARKER.test(line.text) || line.text.includes('|'))
      return false;
    this.#openHeading(underline[1]?.startsWith('=') === true ? 1 : 2, line.text, [line, below]);
    this.#next += 2;
    return true;
  }

  #openHeading(level: number, text: string, lines: readonly SourceLine[]): void {
    this.#headings = [
      ...this.#headings.filter((heading) => heading.level < level),
      { level, text: plainInline(text) },
    ];
    this.#blocks.push({ kind: 'heading', lines, headings: this.#path() });
  }

  #takeUntil(kind: Block['kind'], last: RegExp): void {
    const start = this.#next;
    let end = start + 1;
    while (end < this.#lines.length && !this.#matches(end, last)) end += 1;
    this.#take(kind, start, Math.min(end + 1, this.#lines.length));
  }

  /** Takes the line at hand and those after it as long as they are not blank and belong to it. */
  #takeWhile(kind: Block['kind'], belongs: (at: number) => boolean): void {
    const start = this.#next;
    let end = start + 1;
    while (end < this.#lines.length && this.#text(end).trim() !== '' && belongs(end)) end += 1;
    this.#take(kind, start, end);
  }

  #take(kind: Block['kind'], start: number, end: number): void {
    this.#blocks.push({ kind, lines: this.#lines.slice(start, end), headings: this.#path() });
    this.#next = end;
  }

  #interrupts(at: number): boolean {
    const text = this.#text(at);
    return FENCE.test(text) || HEADING.test(text) || LIST_MARKER.test(text) || this.#isTableStart(at);
  }

  /** A header above a delimiter, or rows alone: a passage may begin in the middle of a table. */
  #isTableStart(at: number): boolean {
    const text = this.#text(at);
    return text.trimStart().startsWith('|') || (text.includes('|') && isTableDelimiter(this.#text(at + 1)));
  }

  #path(): readonly string[] {
    return this.#headings.map(({ text }) => text).filter((text) => text !== '');
  }

  #matches(at: number, pattern: RegExp): boolean {
    return pattern.test(this.#text(at));
  }

  #text(at: number): string {
    return this.#lines[at]?.text ?? '';
  }
}
