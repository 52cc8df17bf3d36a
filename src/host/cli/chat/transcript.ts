import { Container } from '@earendil-works/pi-tui';

import type { Block } from './block/block.ts';

/** The conversation on the screen. Tells `changed` when it has to be drawn again. */
export class Transcript {
  readonly view = new Container();
  readonly #blocks: Block[] = [];
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(block: Block): void {
    this.#blocks.push(block);
    this.view.addChild(block);
    this.#changed();
  }

  remove(block: Block): void {
    const index = this.#blocks.indexOf(block);
    if (index !== -1) this.#blocks.splice(index, 1);
    this.view.removeChild(block);
    this.#changed();
  }

  clear(): void {
    this.#blocks.length = 0;
    this.view.clear();
    this.#changed();
  }

  /** Unfolds the last block that hides something, or folds it again. */
  toggleLast(): void {
    const last = this.#blocks.findLast((block) => block.foldable);
    if (!last) return;
    last.setFolded(!last.folded);
    this.#changed();
  }

  /** Unfolds everything, or folds everything where nothing is folded. */
  toggleAll(): void {
    const foldable = this.#blocks.filter((block) => block.foldable);
    const fold = foldable.every((block) => !block.folded);
    for (const block of foldable) block.setFolded(fold);
    this.#changed();
  }
}
