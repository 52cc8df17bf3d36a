import { wrapTextWithAnsi } from '@earendil-works/pi-tui';

import { printable } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { FoldableBlock } from './block.ts';

const MAX_FOLDED_LINES = 12;

/** What the person asked, and what went with it. */
export class RequestBlock extends FoldableBlock {
  readonly #text: string;
  readonly #attachments: readonly string[];
  #lineCount = 0;

  constructor(theme: Theme, text: string, attachments: readonly string[] = []) {
    super(theme);
    this.#text = printable(text);
    this.#attachments = attachments.map(printable);
  }

  override get foldable(): boolean {
    return this.#lineCount > MAX_FOLDED_LINES;
  }

  protected lines(width: number): string[] {
    const { symbols, style } = this.theme;
    const all = wrapTextWithAnsi(this.#text, Math.max(1, width - 2));
    this.#lineCount = all.length;
    const shown = this.folded ? all.slice(0, MAX_FOLDED_LINES) : all;
    const lines = shown.map(
      (line, index) => `${index === 0 ? style('cyan', symbols.request) : ' '} ${style('bold', line)}`,
    );
    if (shown.length < all.length)
      lines.push(style('dim', `  ${symbols.ellipsis} ${all.length - shown.length} more lines (Ctrl-O)`));
    const attached = this.#attachments.map((name) => style('dim', `  + ${name}`));
    return ['', ...lines, ...attached];
  }
}
