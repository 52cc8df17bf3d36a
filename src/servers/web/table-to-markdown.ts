import type { PageElement } from './html-to-markdown.ts';

/** A GitHub table. The first row is the heading; a Markdown table must have one. */
export function tableToMarkdown(table: PageElement, render: (cell: PageElement) => string): string {
  const rows = [...table.querySelectorAll('tr')].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => cellText(render(cell))),
  );
  const width = Math.max(0, ...rows.map((cells) => cells.length));
  const [head, ...body] = rows.filter((cells) => cells.length > 0);
  if (head === undefined) return '';
  const caption = table.querySelector('caption')?.textContent?.trim() ?? '';
  const lines = [
    rowLine(head, width),
    rowLine(Array<string>(width).fill('---'), width),
    ...body.map((cells) => rowLine(cells, width)),
  ];
  return [...(caption === '' ? [] : [`**${caption}**`, '']), ...lines].join('\n');
}

function rowLine(cells: readonly string[], width: number): string {
  const padded = Array.from({ length: width }, (_, index) => cells[index] ?? '');
  return `| ${padded.join(' | ')} |`;
}

function cellText(markdown: string): string {
  return markdown
    .trim()
    .replaceAll(/\s*\n\s*/g, '<br>')
    .replaceAll('|', String.raw`\|`);
}
