/** HTML as lines of Markdown, each with the line of the source that it comes from. */
import { parseHTML } from 'linkedom';

import type { ParsedDocument, SourceLine } from './parsed.ts';
import { SourceLocator } from './source-locator.ts';

/** As much of the DOM as is read here; the compiler has no DOM of its own without a browser. */
interface DomNode {
  readonly nodeType: number;
  readonly textContent: string | null;
}
interface DomElement extends DomNode {
  readonly tagName: string;
  readonly childNodes: Iterable<DomNode>;
  readonly children: Iterable<DomElement>;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  remove(): void;
}
interface DomDocument extends DomElement {
  readonly body: DomElement;
}

/** What stands around the content of a page, or is not meant to be read. */
const IGNORED =
  'script, style, noscript, template, svg, nav, footer, aside, form, button, iframe, [hidden], [aria-hidden=true]';
const BLOCKS: ReadonlySet<string> = new Set(
  'ADDRESS ARTICLE BLOCKQUOTE BODY CAPTION DD DETAILS DIV DL DT FIELDSET FIGCAPTION FIGURE H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN OL P PRE SECTION SUMMARY TABLE TBODY TD TFOOT TH THEAD TR UL'.split(
    ' ',
  ),
);

/** The main content where the page marks it, else the body. The title is the outermost heading when there is no h1. */
export function parseHtml(source: string): ParsedDocument {
  const whole = /<html[\s>]/i.test(source) ? source : `<html><body>${source}</body></html>`;
  const { document } = parseHTML(whole) as unknown as { readonly document: DomDocument };
  const title = document.querySelector('title')?.textContent?.trim() ?? '';
  for (const element of document.querySelectorAll(IGNORED)) element.remove();
  const root = document.querySelector('main, article, [role=main]') ?? document.body;
  const writer = new LineWriter(new SourceLocator(source));
  if (title !== '' && root.querySelector('h1') === null) writer.block(`# ${title}`, title);
  writeChildren(root, writer);
  return { kind: 'html', parts: [{ lines: writer.lines, syntax: 'markdown' }] };
}

class LineWriter {
  readonly lines: SourceLine[] = [];
  readonly #locator: SourceLocator;

  constructor(locator: SourceLocator) {
    this.#locator = locator;
  }

  /** `content` is looked for in the source; `text` is what stands for it. */
  block(text: string, content: string): void {
    const number = this.#locator.lineOf(content);
    this.lines.push({ text, number }, { text: '', number });
  }

  rows(rows: readonly { readonly text: string; readonly content: string }[]): void {
    let number = 1;
    for (const { text, content } of rows) {
      if (content !== '') number = this.#locator.lineOf(content);
      this.lines.push({ text, number });
    }
    this.lines.push({ text: '', number });
  }
}

/** Runs of text and inline elements become a paragraph; block elements follow their own rules. */
function writeChildren(parent: DomElement, writer: LineWriter, prefix = ''): void {
  let inline = '';
  const flush = (): void => {
    const text = collapse(inline);
    if (text !== '') writer.block(prefix + text, text);
    inline = '';
  };
  for (const child of parent.childNodes) {
    if (isElement(child) && (BLOCKS.has(child.tagName) || containsBlock(child))) {
      flush();
      writeBlock(child, writer, prefix);
    } else if (isElement(child)) {
      inline += child.tagName === 'BR' ? '\n' : (child.textContent ?? '');
    } else if (child.nodeType === TEXT_NODE) {
      inline += child.textContent ?? '';
    }
  }
  flush();
}

function writeBlock(element: DomElement, writer: LineWriter, prefix: string): void {
  const heading = /^H([1-6])$/.exec(element.tagName)?.[1];
  const text = (): string => collapse(element.textContent ?? '');
  if (heading !== undefined) {
    if (text() !== '') writer.block(`${'#'.repeat(Number(heading))} ${text()}`, text());
  } else if (element.tagName === 'PRE') {
    const code = (element.textContent ?? '').replace(/^\n|\n\s*$/g, '');
    const rows = code.split('\n').map((line) => ({ text: line, content: line }));
    const fence = { text: '```', content: '' };
    if (code.trim() !== '') writer.rows([fence, ...rows, fence]);
  } else if (element.tagName === 'TABLE' && element.querySelector('table, ul, ol, pre') === null) {
    writeTable(element, writer);
  } else {
    writeChildren(element, writer, element.tagName === 'LI' ? '- ' : prefix);
  }
}

function writeTable(table: DomElement, writer: LineWriter): void {
  const rows = [...table.querySelectorAll('tr')].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) =>
      collapse(cell.textContent ?? '').replaceAll('|', '\\|'),
    ),
  );
  const lines = rows
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) => ({ text: `| ${cells.join(' | ')} |`, content: cells.join(' ') }));
  const columns = rows[0]?.length ?? 0;
  const hasHeader = table.querySelector('th') !== null;
  if (hasHeader && lines.length > 0) lines.splice(1, 0, { text: `|${'---|'.repeat(columns)}`, content: '' });
  if (lines.length > 0) writer.rows(lines);
}

const TEXT_NODE = 3;
const ELEMENT_NODE = 1;

function isElement(node: DomNode): node is DomElement {
  return node.nodeType === ELEMENT_NODE;
}

function containsBlock(element: DomElement): boolean {
  return [...element.children].some((child) => BLOCKS.has(child.tagName) || containsBlock(child));
}

function collapse(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
