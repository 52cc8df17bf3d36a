import type { Progress } from '../../../registry/contract.ts';
import type { RunEvent } from '../../event.ts';
import { branchOf } from '../../branch-path.ts';
import { lineOf } from './run-line.ts';

/** Of the text that a model is writing, what is told at once; its end, which is what is new. */
const MAX_TEXT_CHARACTERS = 200;
const TEXT_EVERY_MS = 1_000;
const VOIDS_TEXT: ReadonlySet<RunEvent['type']> = new Set(['turn-start', 'step-restart', 'model-end']);

/** Tells a client what happens in a run that it waits for: what begins and ends at once, a growing text now and then. */
export class RunProgress implements Disposable {
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  #count = 0;
  /** Of the open model calls, by their paths; the last entry is the one that spoke last. */
  readonly #texts = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  /** Without `onProgress` nobody is told. */
  constructor(onProgress: ((progress: Progress) => void) | undefined) {
    this.#onProgress = onProgress;
  }

  tell(event: RunEvent): void {
    if (this.#onProgress === undefined) return;
    if (event.type === 'text-delta') {
      const text = (this.#texts.get(event.path) ?? '') + event.text;
      this.#texts.delete(event.path);
      this.#texts.set(event.path, text);
      this.#timer ??= setTimeout(() => this.#tellText(), TEXT_EVERY_MS);
      return;
    }
    if (VOIDS_TEXT.has(event.type)) this.#texts.delete(event.path);
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
    const [path, text] = [...this.#texts].at(-1) ?? [];
    if (path === undefined || text === undefined) return;
    const end = text.slice(-MAX_TEXT_CHARACTERS).toWellFormed();
    const branch = branchOf(path);
    this.#send(`${branch === '' ? '' : `${branch}: `}${end.length < text.length ? `…${end}` : end}`);
  }

  /** It only grows, and nobody knows to where. */
  #send(message: string): void {
    this.#count += 1;
    this.#onProgress?.({ progress: this.#count, message });
  }
}
