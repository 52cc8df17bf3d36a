/** `state.db`, opened when something in it is needed for the first time: listing tools loads no SQLite. */
import type { State } from './state.ts';

export class LazyState implements Disposable {
  readonly #homeFolder: string;
  #opening: Promise<State> | undefined;
  #opened: State | undefined;

  constructor(homeFolder: string) {
    this.#homeFolder = homeFolder;
  }

  /** Rejects with the HostErrors of `openState`; asked again it tries again. */
  open(): Promise<State> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  [Symbol.dispose](): void {
    this.#opened?.[Symbol.dispose]();
  }

  async #open(): Promise<State> {
    const { openState } = await import('./state.ts');
    this.#opened = openState(this.#homeFolder);
    return this.#opened;
  }
}
