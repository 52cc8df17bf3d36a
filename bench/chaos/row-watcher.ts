/** Kills a process as soon as the journal has come to a certain row: looked at from outside, many times a millisecond. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface Trap {
  readonly pid: number;
  /** The run that is watched is the first one after this key. */
  readonly afterKey: number;
  /** Kills as soon as the run has this many rows, of all types or of one. */
  readonly count: number;
  readonly type?: 'claim' | 'step' | 'event';
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

  /** Resolves when it has killed, or was disarmed: with whether it has killed. */
  async arm(trap: Trap): Promise<boolean> {
    Atomics.store(this.#stop, 0, 0);
    const answer = once(this.#worker, 'message');
    this.#worker.postMessage(trap);
    const [hasKilled] = (await answer) as [boolean];
    return hasKilled;
  }

  disarm(): void {
    Atomics.store(this.#stop, 0, 1);
    Atomics.notify(this.#stop, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disarm();
    await this.#worker.terminate();
  }
}
