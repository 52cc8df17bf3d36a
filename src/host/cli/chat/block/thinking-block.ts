import { wrapTextWithAnsi } from '@earendil-works/pi-tui';

import { duration, printable } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { FoldableBlock } from './block.ts';

/** A model's thinking: one line, with its text below it when unfolded. */
export class ThinkingBlock extends FoldableBlock {
  readonly #startedMs = performance.now();
  #durationMs: number | undefined;
  #isPast = false;
  #text = '';

  /** Of a conversation that was held before: how long it took is not known. */
  static past(theme: Theme): ThinkingBlock {
    const block = new ThinkingBlock(theme);
    block.#isPast = true;
    return block;
  }

  override get foldable(): boolean {
    return this.#text !== '';
  }

  get text(): string {
    return this.#text;
  }

  setText(text: string): void {
    this.#text = text;
    this.invalidate();
  }

  append(text: string): void {
    this.setText(this.#text + text);
  }

  end(): void {
    if (!this.#isPast) this.#durationMs ??= performance.now() - this.#startedMs;
    this.invalidate();
  }

  protected lines(width: number): string[] {
    const { symbols, style } = this.theme;
    const sign = this.folded ? symbols.folded : symbols.unfolded;
    const time = this.#durationMs === undefined ? '' : ` ${duration(this.#durationMs)}`;
    const heading = style('dim', `${sign} thinking ${symbols.ellipsis}${time}`);
    if (this.folded) return ['', heading];
    const text = wrapTextWithAnsi(printable(this.#text).trim(), Math.max(1, width - 2));
    return ['', heading, ...text.map((line) => `  ${style(['dim', 'italic'], line)}`)];
  }
}
