import type { Progress } from '../../../registry/contract.ts';
import type { RunEvent } from '../../event.ts';
import { lineOf } from './run-line.ts';

/** Of the text that a model is writing, what is told at once; its end, which is what is new. */
const MAX_TEXT_CHARACTERS = 200;
const TEXT_EVERY_MS = 1_000;

/** Tells a client what happens in a run that it waits for: what begins and ends at once, a growing text now and then. */
export class RunProgress implements Disposable {
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  #count = 0;
  /** Of the open model call. */
  #text = '';
  #timer: NodeJS.Timeout | undefined;

  /** Without `onProgress` nobody is told. */
  constructor(onProgress: ((progress: Progress) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  tell(event: RunEvent): void {
    if (this.#onProgress === undefined) return;
    if (event.type === 'text-delta') {
      this.#text += event.text;
      this.#timer ??= setTimeout(() => this.#tellText(), TEXT_EVERY_MS);
      return;
    }
    if (event.type === 'turn-start' || event.type === 'step-restart') this.#text = '';
    const line = lineOf(event);
    if (line === undefined) return;
    this[Symbol.dispose]();
    this.#send(line);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tellText(): void {
    this.#timer = undefined;
    const end = this.#text.slice(-MAX_TEXT_CHARACTERS).toWellFormed();
    this.#send(end.length < this.#text.length ? `…${end}` : end);
  }

  /** It only grows, and nobody knows to where. */
  #send(message: string): void {
    this.#count += 1;
    this.#onProgress?.({ progress: this.#count, message });
  }
}
