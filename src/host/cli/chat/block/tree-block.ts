import type { RunEvent } from '../../../event.ts';
import { BranchTree } from '../../tree/branch-tree.ts';
import { treeLines } from '../../tree/tree-lines.ts';
import type { Theme } from '../theme.ts';
import { Block } from './block.ts';

/** Of many branches some are shown, and of the rest how many there are: the conversation is to stay in sight. */
const MAX_LINES = 16;

/** The branches of a workflow's run, while they come and as they ended. */
export class TreeBlock extends Block {
  readonly tree: BranchTree;
  /** When nothing of it goes on any more. */
  #frozenMs: number | undefined;

  constructor(theme: Theme, workflow: string) {
    super(theme);
    this.tree = new BranchTree(workflow);
  }

  see(event: RunEvent): void {
    this.tree.see(event);
    this.invalidate();
  }

  /** True where an elapsed time changed. */
  tick(): boolean {
    if (this.#frozenMs !== undefined) return false;
    this.invalidate();
    return true;
  }

  /** The run is over, or was left. */
  freeze(): void {
    this.#frozenMs ??= performance.now();
    this.invalidate();
  }

  protected lines(width: number): string[] {
    const nowMs = this.#frozenMs ?? performance.now();
    return ['', ...treeLines(this.tree, { theme: this.theme, width, height: MAX_LINES, nowMs })];
  }
}
