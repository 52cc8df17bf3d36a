import { matchesKey } from '@earendil-works/pi-tui';

import type { Theme } from '../theme.ts';

/** A part of many lines, moved by the arrow and page keys. */
export class ScrollWindow {
  #top = 0;
  #height = 1;
  #count = 0;

  /** As many of the lines as fit, and how many there are above and below. */
  render(lines: readonly string[], height: number, theme: Theme): string[] {
    this.#count = lines.length;
    if (lines.length <= height) {
      this.#top = 0;
      return [...lines];
    }
    this.#height = Math.max(1, height - 1);
    this.#top = Math.min(this.#top, lines.length - this.#height);
    const below = lines.length - this.#top - this.#height;
    const position = `${this.#top} lines above, ${below} below (arrows, page keys)`;
    return [...lines.slice(this.#top, this.#top + this.#height), theme.style('dim', position)];
  }

  /** True where the key moved the window. */
  handleInput(data: string): boolean {
    const step = STEPS.find(([key]) => matchesKey(data, key));
    if (!step) return false;
    const [, direction, page] = step;
    const distance = direction * (page ? this.#height : 1);
    this.#top = Math.max(0, Math.min(this.#top + distance, this.#count - this.#height));
    return true;
  }
}

const STEPS = [
  ['up', -1, false],
  ['down', 1, false],
  ['pageUp', -1, true],
  ['pageDown', 1, true],
] as const;
