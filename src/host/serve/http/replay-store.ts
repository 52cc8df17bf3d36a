/** What was said on streams of clients, for those that lost their connection: a bounded number of bytes, the oldest go first. */

export interface Kept {
  readonly sequence: number;
  readonly text: string;
  /** Called when it had to go. */
  readonly onDropped: (kept: Kept) => void;
}

/** Of all clients together. */
const MAX_BYTES = 64 * 1_024 * 1_024;
/** What an event costs besides its text. */
const EVENT_BYTES = 200;

export class ReplayStore {
  readonly #maxBytes: number;
  /** The oldest first. */
  readonly #kept = new Set<Kept>();
  #sizeBytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  add(kept: Kept): void {
    this.#kept.add(kept);
    this.#sizeBytes += sizeOf(kept);
    for (const oldest of this.#kept) {
      if (this.#sizeBytes <= this.#maxBytes) break;
      this.delete(oldest);
      oldest.onDropped(oldest);
    }
  }

  delete(kept: Kept): void {
    if (this.#kept.delete(kept)) this.#sizeBytes -= sizeOf(kept);
  }
}

function sizeOf({ text }: Kept): number {
  return text.length + EVENT_BYTES;
}
