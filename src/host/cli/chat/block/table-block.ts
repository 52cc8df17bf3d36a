import { printable, table } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { Block } from './block.ts';

/** Rows as columns; the last one is cut where the terminal ends. */
export class TableBlock extends Block {
  readonly #rows: readonly (readonly string[])[];

  constructor(theme: Theme, rows: readonly (readonly string[])[]) {
    super(theme);
    this.#rows = rows.map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')));
  }

  protected lines(width: number): string[] {
    return ['', ...table(this.#rows, width).split('\n')];
  }
}
