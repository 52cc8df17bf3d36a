import type { Component } from '@earendil-works/pi-tui';

import { oneLine } from '../terminal.ts';
import type { Theme } from './theme.ts';

export interface Request {
  /** As it was typed, with placeholders where much was pasted. */
  readonly shown: string;
  /** As it is sent. */
  readonly text: string;
}

/** What was typed while an answer streamed; sent in its turn when the answer has ended. */
export class QueuedRequests implements Component {
  readonly #theme: Theme;
  readonly #requests: Request[] = [];

  constructor(theme: Theme) {
    this.#theme = theme;
  }

  get empty(): boolean {
    return this.#requests.length === 0;
  }

  add(request: Request): void {
    this.#requests.push(request);
  }

  next(): Request | undefined {
    return this.#requests.shift();
  }

  /** Takes the last one back, to be edited. */
  takeLast(): Request | undefined {
    return this.#requests.pop();
  }

  invalidate(): void {}

  render(width: number): string[] {
    const { cut, style, symbols } = this.#theme;
    const lines = this.#requests.map(({ shown }, index) => {
      const hint = index === this.#requests.length - 1 ? ' (Esc edits it)' : '';
      const room = Math.max(1, width - hint.length - 8);
      return style('dim', `next ${symbols.request} ${cut(oneLine(shown, 200), room)}${hint}`);
    });
    return lines.length === 0 ? [] : ['', ...lines];
  }
}
