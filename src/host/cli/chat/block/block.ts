import type { Component } from '@earendil-works/pi-tui';

import type { Theme } from '../theme.ts';

/** One piece of the conversation on the screen. Its lines are kept until it changes or the width does. */
export abstract class Block implements Component {
  protected readonly theme: Theme;
  #lines: readonly string[] | undefined;
  #width = 0;

  constructor(theme: Theme) {
    this.theme = theme;
  }

  /** Whether there is more to see than is shown, or was before it was unfolded. */
  get foldable(): boolean {
    return false;
  }

  /** No effect on a block that cannot be folded. */
  setFolded(_folded: boolean): void {}

  get folded(): boolean {
    return false;
  }

  protected abstract lines(width: number): string[];

  render(width: number): string[] {
    if (this.#lines === undefined || this.#width !== width) {
      this.#lines = this.lines(width).map((line) => this.theme.fit(line, width));
      this.#width = width;
    }
    return [...this.#lines];
  }

  invalidate(): void {
    this.#lines = undefined;
  }
}

/** A block of which a part can be hidden. */
export abstract class FoldableBlock extends Block {
  #folded = true;

  override get folded(): boolean {
    return this.#folded;
  }

  override setFolded(folded: boolean): void {
    if (this.#folded === folded) return;
    this.#folded = folded;
    this.invalidate();
  }
}
