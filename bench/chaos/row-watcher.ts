/** Acts as soon as the journal has come to a certain row: it is looked at from outside, many times a millisecond. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface Trap {
  /** Kill this process, or keep everybody from writing until `unlock`. */
  readonly action: { readonly kill: number } | 'lock';
  /** The run that is watched is the first one after this key. */
  readonly afterKey: number;
  /** Acts as soon as the run has this many rows, of all or of one type or name. */
  readonly count: number;
  readonly type?: 'claim' | 'step' | 'event';
  readonly name?: string;
}

export class RowWatcher implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  constructor(stateFile: string) {
    this.#worker = new Worker(join(import.meta.dirname, 'watch-thread.ts'), {
      workerData: { stateFile, stop: this.#stop },
      execArgv: ['--no-warnings'],
    });
  }

  /** Resolves when it has acted, or was disarmed: with whether it has acted. */
  arm(trap: Trap): Promise<boolean> {
    Atomics.store(this.#stop, 0, 0);
    return this.#ask(trap);
  }

  disarm(): void {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
  }

  async unlock(): Promise<void> {
    await this.#ask('unlock');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disarm();
    await this.#worker.terminate();
  }

  async #ask(question: Trap | 'unlock'): Promise<boolean> {
    const answer = once(this.#worker, 'message');
    this.#worker.postMessage(question);
    const [hasActed] = (await answer) as [boolean];
    return hasActed;
  }
}
