/** `state.db`, opened when something in it is needed for the first time: listing tools loads no SQLite. */
import type { RunsSettings } from '../config/runs-settings.ts';
import type { State } from './state.ts';

export class LazyState implements Disposable {
  readonly #homeFolder: string;
  readonly #settings: () => Pick<RunsSettings, 'synchronous'>;
  #opening: Promise<State> | undefined;
  #opened: State | undefined;

  /** `settings` are asked when the file is opened. */
  constructor(homeFolder: string, settings: () => Pick<RunsSettings, 'synchronous'>) {
    this.#homeFolder = homeFolder;
    this.#settings = settings;
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
    this.#opened = openState(this.#homeFolder, this.#settings());
    return this.#opened;
  }
}
