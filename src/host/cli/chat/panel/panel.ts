import type { Component } from '@earendil-works/pi-tui';
import { truncateToWidth, wrapTextWithAnsi } from '@earendil-works/pi-tui';

import { printable } from '../../terminal.ts';
import type { Style, Theme } from '../theme.ts';

/** A panel as whoever shows it needs to know it. */
export interface OpenPanel extends Component {
  dismiss(): void;
  handleInput(data: string): void;
}

/** A question that stands in place of the editor until it is answered, once. */
export abstract class Panel<Answer> implements OpenPanel {
  readonly answer: Promise<Answer>;
  readonly #settle: (answer: Answer) => void;
  protected readonly theme: Theme;

  constructor(theme: Theme) {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.answer = promise;
    this.#settle = resolve;
    this.theme = theme;
  }

  /** Answers in the careful way: nobody is there to decide, or does not want to. */
  abstract dismiss(): void;
  abstract handleInput(data: string): void;
  abstract render(width: number): string[];

  invalidate(): void {}

  protected settle(answer: Answer): void {
    this.#settle(answer);
  }

  protected rule(width: number): string {
    return this.theme.style('dim', '─'.repeat(width));
  }

  /** Plain text of anyone, wrapped and made safe. */
  protected text(text: string, width: number, style?: Style): string[] {
    const lines = printable(text)
      .split('\n')
      .flatMap((line) => wrapTextWithAnsi(line, Math.max(1, width)));
    return style === undefined ? lines : lines.map((line) => this.theme.style(style, line));
  }

  protected cut(line: string, width: number): string {
    return truncateToWidth(line, width, this.theme.symbols.ellipsis);
  }

  /** `y yes  n no`: as many lines as it takes. */
  protected keys(keys: readonly (readonly [string, string])[], width: number): string[] {
    const { style } = this.theme;
    const line = keys.map(([key, meaning]) => `${style(['bold', 'cyan'], key)} ${meaning}`).join('  ');
    return wrapTextWithAnsi(line, width);
  }
}
