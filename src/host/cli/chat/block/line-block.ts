import { wrapTextWithAnsi } from '@earendil-works/pi-tui';

import { printable } from '../../terminal.ts';
import type { Style, Theme } from '../theme.ts';
import { Block } from './block.ts';

export interface LineOptions {
  readonly style?: Style;
  /** Without an empty line before it. */
  readonly tight?: boolean;
}

/** Plain text of the program itself: notices, verdicts, lists, errors. */
export class LineBlock extends Block {
  readonly #text: string;
  readonly #options: LineOptions;

  constructor(theme: Theme, text: string, options: LineOptions = {}) {
    super(theme);
    this.#text = printable(text);
    this.#options = options;
  }

  protected lines(width: number): string[] {
    const { style, tight } = this.#options;
    const wrapped = this.#text.split('\n').flatMap((line) => wrapTextWithAnsi(line, width));
    const lines = style === undefined ? wrapped : wrapped.map((line) => this.theme.style(style, line));
    return tight ? lines : ['', ...lines];
  }
}
