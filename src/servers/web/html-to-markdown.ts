/** The readable part of an HTML page as Markdown. Runs in the converting thread: hostile pages can take long. */
import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';

import { tableToMarkdown } from './table-to-markdown.ts';

export interface Markdown {
  readonly title: string;
  readonly text: string;
  /** `main`: what Readability took for the main content; `whole`: the whole body, because it found none. */
  readonly extraction: 'main' | 'whole';
}

/** The little of the DOM that is used here; the program has no browser types. */
export interface PageElement {
  readonly children: Iterable<PageElement>;
  readonly nodeName: string;
  readonly textContent: string | null;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<PageElement>;
  querySelector(selector: string): PageElement | null;
}

interface PageDocument extends PageElement {
  readonly body: PageElement | null;
  readonly title: string;
}

const NOISE =
  'script, style, noscript, template, iframe, object, embed, svg, canvas, link, meta, [hidden], [style*="display:none"], [style*="display: none"]';
/** What Readability finds in a page of little text is as often a part of it as the whole. */
const MIN_MAIN_CHARACTERS = 200;

export function htmlToMarkdown(html: string, url: string): Markdown {
  const page = parse(html);
  const title = page.title.trim() || (page.querySelector('h1')?.textContent ?? '').trim();
  const whole = page.body ?? page;
  resolveLinks(page, url);
  for (const element of [...whole.querySelectorAll(NOISE)]) element.remove();
  const main = mainContent(html, url);
  const isMain = main !== undefined && main.length >= MIN_MAIN_CHARACTERS;
  const content = isMain ? main.element : whole;
  const text = toMarkdown(content);
  return { title: (isMain && main.title) || title, text, extraction: isMain ? 'main' : 'whole' };
}

function parse(html: string): PageDocument {
  // A fragment without <html> would otherwise have no body.
  const complete = /<html[\s>]/i.test(html)
    ? html
    : `<!doctype html><html><head></head><body>${html}</body></html>`;
  return (parseHTML(complete) as unknown as { document: PageDocument }).document;
}

/** Readability takes the document apart, so it gets one of its own. */
function mainContent(
  html: string,
  url: string,
): { title: string; element: PageElement; length: number } | undefined {
  const page = parse(html);
  resolveLinks(page, url);
  // Classes tell the language of code blocks.
  const options = { keepClasses: true };
  const article = new Readability(
    page as unknown as ConstructorParameters<typeof Readability>[0],
    options,
  ).parse();
  if (article === null || typeof article.content !== 'string') return undefined;
  const element = parse(article.content).body;
  if (element === null) return undefined;
  return { title: (article.title ?? '').trim(), element, length: lengthOf(article.textContent) };
}

function lengthOf(text: string | null | undefined): number {
  return (text ?? '').replaceAll(/\s+/g, ' ').length;
}

function resolveLinks(page: PageDocument, url: string): void {
  const baseHref = page.querySelector('base[href]')?.getAttribute('href') ?? '';
  const base = URL.parse(baseHref, url)?.href ?? url;
  for (const [selector, attribute] of [
    ['a[href]', 'href'],
    ['img[src]', 'src'],
  ] as const) {
    for (const element of page.querySelectorAll(selector)) {
      const resolved = URL.parse(element.getAttribute(attribute) ?? '', base);
      if (resolved !== null) element.setAttribute(attribute, resolved.href);
    }
  }
}

function toMarkdown(element: PageElement): string {
  const service = new TurndownService({
    headingStyle: 'atx',
    codeBlockStyle: 'fenced',
    bulletListMarker: '-',
    emDelimiter: '*',
    hr: '---',
  });
  service.remove(['script', 'style', 'noscript', 'iframe', 'button']);
  service.addRule('table', {
    filter: (node) => node.nodeName === 'TABLE' && isDataTable(node as unknown as PageElement),
    replacement: (_content, node) =>
      `\n\n${tableToMarkdown(node as unknown as PageElement, (cell) => service.turndown(cell as unknown as TurndownNode))}\n\n`,
  });
  service.addRule('image', {
    filter: 'img',
    replacement: (_content, node) => imageToMarkdown(node as unknown as PageElement),
  });
  return service.turndown(element as unknown as TurndownNode).trim();
}

type TurndownNode = Exclude<Parameters<TurndownService['turndown']>[0], string>;

/** Tables within tables are layout, and are read through. */
function isDataTable(table: PageElement): boolean {
  return table.querySelector('table') === null;
}

/** Images inlined as data say nothing to a reader but fill pages. */
function imageToMarkdown(image: PageElement): string {
  const source = image.getAttribute('src') ?? '';
  const label = (image.getAttribute('alt') ?? '').replaceAll(/[\s[\]]+/g, ' ').trim();
  if (!/^https?:/.test(source)) return label;
  return `![${label}](${source})`;
}
