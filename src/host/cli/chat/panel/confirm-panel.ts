import { matchesKey } from '@earendil-works/pi-tui';

import type { Theme } from '../theme.ts';
import { Panel } from './panel.ts';

/** Yes or no. */
export class ConfirmPanel extends Panel<boolean> {
  readonly #question: string;

  constructor(theme: Theme, question: string) {
    super(theme);
    this.#question = question;
  }

  dismiss(): void {
    this.settle(false);
  }

  handleInput(data: string): void {
    if (matchesKey(data, 'y')) this.settle(true);
    else if (matchesKey(data, 'n') || matchesKey(data, 'escape')) this.settle(false);
  }

  render(width: number): string[] {
    return [
      this.rule(width),
      ...this.text(this.#question, width, 'bold'),
      ...this.keys(
        [
          ['y', 'yes'],
          ['n', 'no'],
        ],
        width,
      ),
    ];
  }
}
