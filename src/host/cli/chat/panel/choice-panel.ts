import { type SelectItem, SelectList } from '@earendil-works/pi-tui';

import { oneLine } from '../../terminal.ts';
import type { Theme } from '../theme.ts';
import { Panel } from './panel.ts';

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly description?: string;
}

/** One of several; undefined where the person chose none. */
export class ChoicePanel extends Panel<string | undefined> {
  readonly #title: string;
  readonly #list: SelectList;

  constructor(theme: Theme, title: string, choices: readonly Choice[]) {
    super(theme);
    this.#title = title;
    const items = choices.map(
      ({ value, label, description }): SelectItem => ({
        value,
        label: oneLine(label, 80),
        ...(description === undefined ? {} : { description: oneLine(description, 200) }),
      }),
    );
    this.#list = new SelectList(items, 10, theme.editor.selectList, {
      minPrimaryColumnWidth: 12,
      maxPrimaryColumnWidth: 40,
    });
    this.#list.onSelect = ({ value }) => this.settle(value);
    this.#list.onCancel = () => this.settle(undefined);
  }

  dismiss(): void {
    this.settle(undefined);
  }

  handleInput(data: string): void {
    this.#list.handleInput(data);
  }

  render(width: number): string[] {
    return [
      this.rule(width),
      ...this.text(this.#title, width, 'bold'),
      ...this.#list.render(width),
      ...this.keys(
        [
          ['Enter', 'choose'],
          ['Esc', 'none'],
        ],
        width,
      ),
    ];
  }
}
