/**
 * A client's input in pieces of few lines, so that what a burst of requests asks for is written before more of it is read. Nothing
 * is handed on while the client does not read.
 */
import type { Readable } from 'node:stream';

const NEWLINE = 10;
/** One answer can be a megabyte. */
const LINES_AT_ONCE = 32;

export class PacedInput {
  readonly #input: Readable;
  readonly #onPiece: (bytes: Buffer) => void;
  readonly #onData = (chunk: Buffer): void => this.#take(chunk);
  /** Of the last chunk, in whole lines but for the last one. */
  #rest: Buffer | undefined;
  #isHeld = false;
  #isOver = false;

  constructor(input: Readable, onPiece: (bytes: Buffer) => void) {
    this.#input = input;
    this.#onPiece = onPiece;
    input.on('data', this.#onData);
  }

  hold(): void {
    this.#isHeld = true;
    this.#input.pause();
  }

  release(): void {
    this.#isHeld = false;
    this.#goOn();
  }

  /** Hands nothing on any more. */
  stop(): void {
    this.#isOver = true;
    this.#rest = undefined;
    this.#input.off('data', this.#onData);
  }

  #take(chunk: Buffer): void {
    const end = endOfLines(chunk, LINES_AT_ONCE);
    if (end < chunk.length) {
      this.#rest = chunk.subarray(end);
      this.#input.pause();
      setImmediate(() => this.#goOn());
    }
    this.#onPiece(end < chunk.length ? chunk.subarray(0, end) : chunk);
  }

  #goOn(): void {
    if (this.#isHeld || this.#isOver) return;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) this.#take(rest);
    if (this.#rest === undefined && !this.#isHeld) this.#input.resume();
  }
}

/** Where the last of so many lines ends; the whole length where there are no more. */
function endOfLines(chunk: Buffer, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line += 1) {
    const newline = chunk.indexOf(NEWLINE, end);
    if (newline === -1) return chunk.length;
    end = newline + 1;
  }
  return end;
}
