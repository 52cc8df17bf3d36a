/**
 * The tree of a run below what else is written to the terminal, drawn anew where it stands. What anybody writes meanwhile
 * stands above it; while a line is open, such as a question at a prompt, the tree is away.
 */
import { visibleWidth } from '@earendil-works/pi-tui';

import type { RunEvent } from '../../event.ts';
import type { Theme } from '../chat/theme.ts';
import { BranchTree } from './branch-tree.ts';
import { treeLines } from './tree-lines.ts';

export interface LiveTreeOptions {
  /** A terminal. Its `write` is taken over until `stop`. */
  readonly stream: NodeJS.WriteStream;
  readonly theme: Theme;
  /** What the run is of. */
  readonly workflow: string;
}

const DRAW_EVERY_MS = 100;
const MAX_LINES = 20;
/** Lines of the terminal that stay to what is written above. */
const SPARED_LINES = 4;
/** A terminal that knows these shows what stands between them at once. */
const BEGIN_FRAME = '\u001B[?2026h';
const END_FRAME = '\u001B[?2026l';
const ERASE_BELOW = '\u001B[0J';

export class LiveTree {
  readonly tree: BranchTree;
  readonly #stream: NodeJS.WriteStream;
  readonly #theme: Theme;
  readonly #write: NodeJS.WriteStream['write'];
  readonly #timer: NodeJS.Timeout;
  readonly #onResize = (): void => this.#draw();
  /** As they stand on the terminal. */
  #shown: readonly string[] = [];
  #lineOpen = false;
  #stopped = false;

  constructor({ stream, theme, workflow }: LiveTreeOptions) {
    this.#stream = stream;
    this.#theme = theme;
    this.tree = new BranchTree(workflow);
    this.#write = stream.write.bind(stream);
    stream.write = ((...args: Parameters<NodeJS.WriteStream['write']>) =>
      this.#writeAbove(args)) as NodeJS.WriteStream['write'];
    stream.on('resize', this.#onResize);
    this.#timer = setInterval(() => this.#draw(), DRAW_EVERY_MS).unref();
  }

  see(event: RunEvent): void {
    this.tree.see(event);
  }

  /** Leaves it on the terminal as it is at the end. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#draw();
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#stream.off('resize', this.#onResize);
    this.#stream.write = this.#write;
  }

  #writeAbove(args: Parameters<NodeJS.WriteStream['write']>): boolean {
    this.#erase();
    const [piece] = args;
    const text = typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8');
    if (text !== '') this.#lineOpen = !text.endsWith('\n');
    return this.#write(...args);
  }

  #draw(): void {
    if (this.#stopped || this.#lineOpen) return;
    const { columns, rows } = this.#stream;
    const lines = treeLines(this.tree, {
      theme: this.#theme,
      // A line as wide as the terminal begins another one on some.
      width: Math.max(10, columns - 1),
      height: Math.max(3, Math.min(MAX_LINES, rows - SPARED_LINES)),
      nowMs: performance.now(),
    });
    const erased = this.#erasure();
    this.#shown = lines;
    this.#write(`${BEGIN_FRAME}${erased}${lines.join('\n')}\n${END_FRAME}`);
  }

  #erase(): void {
    const erased = this.#erasure();
    this.#shown = [];
    if (erased !== '') this.#write(erased);
  }

  /** A terminal that became narrower has broken the lines. */
  #erasure(): string {
    if (this.#shown.length === 0) return '';
    const { columns } = this.#stream;
    const height = this.#shown.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(visibleWidth(line) / Math.max(1, columns))),
      0,
    );
    return `\r\u001B[${height}A${ERASE_BELOW}`;
  }
}
