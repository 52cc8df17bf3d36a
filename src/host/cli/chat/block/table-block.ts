import { visibleWidth, wrapTextWithAnsi } from '@earendil-works/pi-tui';

import { printable } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { Block } from './block.ts';

/** Less than this beside the other columns, and the last one stands below them. */
const MIN_LAST_COLUMN = 16;

/** Rows as columns; the last one is wrapped. */
export class TableBlock extends Block {
  readonly #rows: readonly (readonly string[])[];

  constructor(theme: Theme, rows: readonly (readonly string[])[]) {
    super(theme);
    this.#rows = rows.map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')));
  }

  protected lines(width: number): string[] {
    const count = Math.max(0, ...this.#rows.map((row) => row.length)) - 1;
    const widths = Array.from({ length: count }, (_, column) =>
      Math.max(...this.#rows.map((row) => visibleWidth(row[column] ?? ''))),
    );
    const lastAt = widths.reduce((sum, columns) => sum + columns + 2, 0);
    const below = width - lastAt < MIN_LAST_COLUMN;
    const indent = below ? 4 : lastAt;
    return ['', ...this.#rows.flatMap((row) => this.#row(row, widths, { width, indent, below }))];
  }

  #row(
    row: readonly string[],
    widths: readonly number[],
    { width, indent, below }: { readonly width: number; readonly indent: number; readonly below: boolean },
  ): string[] {
    const first = widths
      .map((columns, index) => padded(row[index] ?? '', columns))
      .join('  ')
      .trimEnd();
    const last = row[widths.length] ?? '';
    const wrapped = last === '' ? [] : wrapTextWithAnsi(last, Math.max(1, width - indent));
    const indented = wrapped.map((line) => `${' '.repeat(indent)}${line}`);
    if (below) return [first, ...indented];
    return [`${padded(first, indent)}${wrapped[0] ?? ''}`.trimEnd(), ...indented.slice(1)];
  }
}

function padded(text: string, columns: number): string {
  return `${text}${' '.repeat(Math.max(0, columns - visibleWidth(text)))}`;
}
