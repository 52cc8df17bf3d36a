/** How far a long transfer is: one line that is rewritten at a terminal, a line each tenth elsewhere. */
import { bytes, styled } from './terminal.ts';

const REDRAW_MS = 100;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #shownAt = 0;
  #shownTenth = -1;
  #lineOpen = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  transfer(haveBytes: number, totalBytes: number): void {
    const isDone = haveBytes === totalBytes;
    const share = haveBytes / totalBytes;
    const line = `${bytes(haveBytes)} of ${bytes(totalBytes)} (${Math.floor(share * 100)}%)`;
    if (this.#stream.isTTY) {
      const now = performance.now();
      if (!isDone && now - this.#shownAt < REDRAW_MS) return;
      this.#shownAt = now;
      this.#stream.write(`\r${styled('dim', line)}\u001B[K`);
      this.#lineOpen = true;
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth <= this.#shownTenth) return;
    this.#shownTenth = tenth;
    this.#stream.write(`${line}\n`);
  }

  message(text: string): void {
    this.end();
    this.#stream.write(`${styled('dim', text)}\n`);
  }

  end(): void {
    if (this.#lineOpen) this.#stream.write('\n');
    this.#lineOpen = false;
  }
}
