import type { OpenPanel, Panel } from './panel.ts';

/** Shows one panel at a time; the others wait. Once closed, every question is dismissed at once. */
export class PanelQueue {
  readonly #show: (panel: OpenPanel | undefined) => void;
  #last: Promise<unknown> = Promise.resolve();
  #open: OpenPanel | undefined;
  #waiting = 0;
  #closed = false;

  constructor(show: (panel: OpenPanel | undefined) => void) {
    this.#show = show;
  }

  get open(): boolean {
    return this.#open !== undefined;
  }

  /** How many questions wait behind the open one. */
  get waiting(): number {
    return this.#waiting;
  }

  /** An abort of the signal dismisses the question, shown or waiting. */
  ask<Answer>(panel: Panel<Answer>, signal?: AbortSignal): Promise<Answer> {
    this.#waiting += 1;
    const answered = this.#last.then(() => this.#present(panel, signal));
    this.#last = answered;
    return answered;
  }

  dismissOpen(): void {
    this.#open?.dismiss();
  }

  close(): void {
    this.#closed = true;
    this.#open?.dismiss();
  }

  async #present<Answer>(panel: Panel<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
    this.#waiting -= 1;
    const dismiss = (): void => panel.dismiss();
    if (this.#closed || signal?.aborted) dismiss();
    else {
      signal?.addEventListener('abort', dismiss, { once: true });
      this.#open = panel;
      this.#show(panel);
    }
    try {
      return await panel.answer;
    } finally {
      signal?.removeEventListener('abort', dismiss);
      if (this.#open === panel) {
        this.#open = undefined;
        this.#show(undefined);
      }
    }
  }
}
