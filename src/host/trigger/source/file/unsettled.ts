/** Files that may have changed, until they have stayed as they are for a while. */
import { type LookedAt, stateText } from './file-state.ts';

interface Looked {
  readonly text: string;
  readonly sinceMs: number;
}

export class Unsettled {
  readonly #settleMs: number;
  readonly #files = new Map<string, Looked | undefined>();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  get size(): number {
    return this.#files.size;
  }

  /** How soon it is worth to look again. */
  get lookAgainMs(): number {
    return Math.max(10, Math.ceil(this.#settleMs / 4));
  }

  add(path: string): void {
    if (!this.#files.has(path)) this.#files.set(path, undefined);
  }

  paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  delete(path: string): void {
    this.#files.delete(path);
  }

  /** Whether the file was like this each time that it was looked at, for long enough. */
  isSettled(path: string, looked: LookedAt): boolean {
    const text = looked.type === 'file' ? stateText(looked.state) : looked.type;
    const before = this.#files.get(path);
    const nowMs = performance.now();
    if (before?.text === text) return nowMs - before.sinceMs >= this.#settleMs;
    this.#files.set(path, { text, sinceMs: nowMs });
    return false;
  }
}
