/**
 * Bytes in, lines out, in linear time: every byte is searched once and copied at most once, however many chunks a line
 * arrives in. A line over the limit is dropped as it streams by and reported by its size and its two ends.
 */
export interface LineBufferOptions {
  readonly maxLineBytes: number;
  readonly onLine: (line: string) => void;
  readonly onOversized: (line: OversizedLine) => void;
}

export interface OversizedLine {
  readonly sizeBytes: number;
  /** The first and the last bytes of the line, at most 512 of each. */
  readonly head: string;
  readonly tail: string;
}

const NEWLINE = 0x0a;
const END_BYTES = 512;

export class LineBuffer {
  readonly #options: LineBufferOptions;
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #dropping: { head: Buffer; tail: Buffer } | undefined;

  constructor(options: LineBufferOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#append(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    if (start < chunk.length) this.#append(chunk.subarray(start));
  }

  #append(part: Buffer): void {
    this.#sizeBytes += part.length;
    if (this.#dropping === undefined && this.#sizeBytes <= this.#options.maxLineBytes) {
      this.#chunks.push(part);
      return;
    }
    if (this.#dropping === undefined) {
      const kept = Buffer.concat(this.#chunks);
      this.#chunks = [];
      const head = Buffer.from(Buffer.concat([kept.subarray(0, END_BYTES), part.subarray(0, END_BYTES)]));
      this.#dropping = { head: head.subarray(0, END_BYTES), tail: Buffer.from(kept.subarray(-END_BYTES)) };
    }
    this.#dropping.tail = Buffer.concat([this.#dropping.tail, part.subarray(-END_BYTES)]).subarray(
      -END_BYTES,
    );
  }

  #endLine(): void {
    const sizeBytes = this.#sizeBytes;
    const dropped = this.#dropping;
    const chunks = this.#chunks;
    this.#sizeBytes = 0;
    this.#dropping = undefined;
    this.#chunks = [];
    if (dropped !== undefined) {
      this.#options.onOversized({ sizeBytes, head: dropped.head.toString(), tail: dropped.tail.toString() });
      return;
    }
    const [first] = chunks;
    const line = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, sizeBytes);
    this.#options.onLine(line.toString());
  }
}
