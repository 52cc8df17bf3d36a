/** Many readers of one stream of changes; each has its own queue, so a slow one delays nobody. */

interface Reader<T> {
  readonly queue: T[];
  wake: (() => void) | undefined;
}

export class ChangeFeed<T> {
  readonly #readers = new Set<Reader<T>>();
  #closed = false;

  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  publish(change: T): void {
    for (const reader of this.#readers) {
      reader.queue.push(change);
      reader.wake?.();
    }
  }

  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.wake?.();
  }

  /** Yields what is published after the first `next()`; ends when the signal aborts or the feed closes. */
  async *read(signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
    const reader: Reader<T> = { queue: [], wake: undefined };
    const wake = () => reader.wake?.();
    this.#readers.add(reader);
    signal?.addEventListener('abort', wake);
    try {
      for (;;) {
        if (signal?.aborted === true) return;
        const next = reader.queue.shift();
        if (next !== undefined) {
          yield next;
        } else if (this.#closed) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
          reader.wake = undefined;
        }
      }
    } finally {
      this.#readers.delete(reader);
      signal?.removeEventListener('abort', wake);
    }
  }
}
