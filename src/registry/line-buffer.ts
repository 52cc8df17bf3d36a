/** Cuts a byte stream into lines in linear time: chunks are joined once a line, and each byte is searched once. */

export interface OverlongLine {
  readonly sizeBytes: number;
  /** The first and the last bytes of the line, at most `EDGE_BYTES` each. */
  readonly head: Buffer;
  readonly tail: Buffer;
}

export interface LineHandlers {
  /** One line without its newline. The bytes may be a view of a larger buffer: use them at once. */
  readonly line: (bytes: Buffer) => void;
  /** A line that was longer than the limit. Its middle was not kept. */
  readonly overlong: (line: OverlongLine) => void;
}

const NEWLINE = 10;
const EDGE_BYTES = 8_192;

export class LineBuffer {
  readonly #maxLineBytes: number;
  readonly #handlers: LineHandlers;
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #draining: { head: Buffer; tail: Buffer } | undefined;

  constructor(maxLineBytes: number, handlers: LineHandlers) {
    this.#maxLineBytes = maxLineBytes;
    this.#handlers = handlers;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline === -1) break;
      this.#keep(chunk.subarray(start, newline));
      this.#emit();
      start = newline + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** Bytes of an unfinished line; hands them out as a line when the stream has ended. */
  end(): void {
    if (this.#sizeBytes > 0) this.#emit();
  }

  #keep(part: Buffer): void {
    this.#sizeBytes += part.length;
    if (this.#draining !== undefined) {
      this.#draining.tail = lastBytes(this.#draining.tail, part);
      return;
    }
    this.#chunks.push(part);
    if (this.#sizeBytes <= this.#maxLineBytes) return;
    const [first = part] = this.#chunks;
    let tail: Buffer = Buffer.alloc(0);
    for (const kept of this.#chunks.slice(-2)) tail = lastBytes(tail, kept);
    this.#draining = { head: Buffer.from(first.subarray(0, EDGE_BYTES)), tail };
    this.#chunks = [];
  }

  #emit(): void {
    const chunks = this.#chunks;
    const sizeBytes = this.#sizeBytes;
    const draining = this.#draining;
    this.#chunks = [];
    this.#sizeBytes = 0;
    this.#draining = undefined;
    if (draining !== undefined) {
      this.#handlers.overlong({ sizeBytes, ...draining });
      return;
    }
    const [only] = chunks;
    if (only === undefined) return;
    this.#handlers.line(chunks.length === 1 ? only : Buffer.concat(chunks, sizeBytes));
  }
}

function lastBytes(before: Buffer, part: Buffer): Buffer {
  if (part.length >= EDGE_BYTES) return Buffer.from(part.subarray(-EDGE_BYTES));
  return Buffer.concat([before.subarray(-(EDGE_BYTES - part.length)), part]);
}
