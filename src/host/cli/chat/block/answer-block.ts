import { Markdown } from '@earendil-works/pi-tui';

import { printable } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { Block } from './block.ts';

/** What a model says, as Markdown, while it still comes. */
export class AnswerBlock extends Block {
  readonly #markdown: Markdown;
  #text = '';

  constructor(theme: Theme) {
    super(theme);
    this.#markdown = new Markdown('', 0, 0, theme.markdown);
  }

  get text(): string {
    return this.#text;
  }

  /** Made safe as a whole when it is drawn: an escape sequence may be split over pieces. */
  setText(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    // What the Markdown keeps of its finished parts stays.
    super.invalidate();
  }

  append(text: string): void {
    this.setText(this.#text + text);
  }

  override invalidate(): void {
    super.invalidate();
    this.#markdown.invalidate();
  }

  protected lines(width: number): string[] {
    this.#markdown.setText(printable(this.#text).trim());
    // The library fills each line up to the width; copied text would carry the blanks.
    const lines = this.#markdown.render(width).map((line) => line.trimEnd());
    return lines.length === 0 ? [] : ['', ...lines];
  }
}
