/**
 * Cuts a byte stream into lines in linear time: chunks are joined once a line, and each byte is searched once. A large
 * line is gathered in one buffer that grows in place, so that it is never in memory twice.
 */

export interface OverlongLine {
  readonly sizeBytes: number;
  /** The first and the last bytes of the line, at most `EDGE_BYTES` each. */
  readonly head: Buffer;
  readonly tail: Buffer;
}

export interface LineHandlers {
  /**
   * One line without its newline. The bytes may be a view of a larger buffer: use them at once. `release` gives the
   * memory of a large line back before the handler ends; the bytes are gone then.
   */
  readonly line: (bytes: Buffer, release: () => void) => void;
  /** A line that was longer than the limit. Its middle was not kept. */
  readonly overlong: (line: OverlongLine) => void;
}

const NEWLINE = 10;
const EDGE_BYTES = 8_192;
const LARGE_LINE_BYTES = 4_194_304;

export class LineBuffer {
  readonly #maxLineBytes: number;
  readonly #handlers: LineHandlers;
  #chunks: Buffer[] = [];
  #large: LargeLine | undefined;
  #sizeBytes = 0;
  #draining: { head: Buffer; tail: Buffer } | undefined;

  constructor(maxLineBytes: number, handlers: LineHandlers) {
    this.#maxLineBytes = maxLineBytes;
    this.#handlers = handlers;
  }

  /** Takes the chunk over: it may be empty afterwards. */
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
    if (this.#large !== undefined) giveBack(chunk);
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
    if (this.#sizeBytes > this.#maxLineBytes) {
      this.#drain(part);
      return;
    }
    if (this.#large === undefined && this.#sizeBytes > LARGE_LINE_BYTES) {
      this.#large = new LargeLine(this.#maxLineBytes, this.#chunks);
      this.#chunks = [];
    }
    if (this.#large === undefined) this.#chunks.push(part);
    else this.#large.add(part);
  }

  /** From here on only the ends of the line are kept. */
  #drain(part: Buffer): void {
    const kept = [...(this.#large === undefined ? this.#chunks : [this.#large.bytes]), part];
    const [first = part] = kept;
    let tail: Buffer = Buffer.alloc(0);
    for (const bytes of kept.slice(-2)) tail = lastBytes(tail, bytes);
    this.#draining = { head: Buffer.from(first.subarray(0, EDGE_BYTES)), tail };
    this.#chunks = [];
    this.#large?.release();
    this.#large = undefined;
  }

  #emit(): void {
    const chunks = this.#chunks;
    const sizeBytes = this.#sizeBytes;
    const draining = this.#draining;
    const large = this.#large;
    this.#chunks = [];
    this.#large = undefined;
    this.#sizeBytes = 0;
    this.#draining = undefined;
    if (draining !== undefined) {
      this.#handlers.overlong({ sizeBytes, ...draining });
      return;
    }
    if (large !== undefined) {
      this.#handlers.line(large.bytes, () => large.release());
      large.release();
      return;
    }
    const [only] = chunks;
    if (only === undefined) return;
    this.#handlers.line(chunks.length === 1 ? only : Buffer.concat(chunks, sizeBytes), () => undefined);
  }
}

/** Address space for the whole limit is reserved, memory is taken as bytes come. */
class LargeLine {
  readonly #memory: ArrayBuffer;

  constructor(maxLineBytes: number, chunks: readonly Buffer[]) {
    this.#memory = new ArrayBuffer(0, { maxByteLength: maxLineBytes });
    for (const chunk of chunks) this.add(chunk);
  }

  get bytes(): Buffer {
    return Buffer.from(this.#memory, 0, this.#memory.byteLength);
  }

  add(part: Buffer): void {
    const at = this.#memory.byteLength;
    this.#memory.resize(at + part.length);
    Buffer.from(this.#memory, at, part.length).set(part);
  }

  release(): void {
    this.#memory.resize(0);
  }
}

/** A chunk that was copied is given back at once: thousands of them would wait for the garbage collector beside the line. */
function giveBack(chunk: Buffer): void {
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.length) buffer.transfer(0);
}

function lastBytes(before: Buffer, part: Buffer): Buffer {
  if (part.length >= EDGE_BYTES) return Buffer.from(part.subarray(-EDGE_BYTES));
  return Buffer.concat([before.subarray(-(EDGE_BYTES - part.length)), part]);
}
