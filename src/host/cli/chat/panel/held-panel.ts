import { type Component, matchesKey } from '@earendil-works/pi-tui';

import type { OpenPanel } from './panel.ts';

export interface HeldPanelOptions {
  readonly panel: OpenPanel;
  /** Keeps the keys, because somebody is typing into it. */
  readonly editor: Component;
  /** The line that says how to answer. */
  readonly hint: (width: number) => readonly string[];
  /** The person turns to the panel. */
  readonly onTake: () => void;
}

/**
 * A question that came while the person was typing something else. A letter of that must not answer it, so the keys go
 * on to the editor until Tab.
 */
export class HeldPanel implements OpenPanel {
  readonly #options: HeldPanelOptions;

  constructor(options: HeldPanelOptions) {
    this.#options = options;
  }

  dismiss(): void {
    this.#options.panel.dismiss();
  }

  handleInput(data: string): void {
    if (matchesKey(data, 'tab')) this.#options.onTake();
    else this.#options.editor.handleInput?.(data);
  }

  render(width: number): string[] {
    const { panel, hint, editor } = this.#options;
    return [...panel.render(width), ...hint(width), ...editor.render(width)];
  }

  invalidate(): void {
    this.#options.panel.invalidate();
  }
}
