/**
 * What travels between a client and the embedder process: frames of two lengths (header, body; uint32, little-endian), a
 * header in JSON and a body of float32 values.
 */
import type { Socket } from 'node:net';

export type EmbedderRequest =
  | { readonly type: 'embed'; readonly request: number; readonly texts: readonly string[] }
  | { readonly type: 'cancel'; readonly request: number };

export type EmbedderReply =
  /** The body holds `count` vectors of `dimensions` values. */
  | {
      readonly type: 'vectors';
      readonly request: number;
      readonly count: number;
      readonly dimensions: number;
    }
  | { readonly type: 'failure'; readonly request: number; readonly message: string };

export interface Frame {
  readonly header: unknown;
  readonly body: Buffer;
}

const LENGTHS_BYTES = 8;
/** Far above any honest frame; a peer that announces more speaks something else. */
const LARGEST_FRAME_BYTES = 256 * 1024 * 1024;

export function writeFrame(
  socket: Socket,
  header: EmbedderRequest | EmbedderReply,
  body: Buffer = Buffer.alloc(0),
): void {
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8');
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32LE(headerBytes.length, 0);
  lengths.writeUInt32LE(body.length, 4);
  socket.write(Buffer.concat([lengths, headerBytes, body]));
}

/** Collects chunks and gives back whole frames; each byte is copied at most once. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;

  /** Throws when the bytes cannot be a frame. */
  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#bufferedBytes < LENGTHS_BYTES) return undefined;
    const lengths = this.#peek(LENGTHS_BYTES);
    const headerBytes = lengths.readUInt32LE(0);
    const totalBytes = LENGTHS_BYTES + headerBytes + lengths.readUInt32LE(4);
    if (totalBytes > LARGEST_FRAME_BYTES) throw new Error(`A frame of ${totalBytes} bytes was announced.`);
    if (this.#bufferedBytes < totalBytes) return undefined;
    const all = this.#peek(totalBytes);
    this.#chunks = all.length > totalBytes ? [all.subarray(totalBytes)] : this.#chunks.slice(1);
    this.#bufferedBytes -= totalBytes;
    const headerEnd = LENGTHS_BYTES + headerBytes;
    return {
      header: JSON.parse(all.toString('utf8', LENGTHS_BYTES, headerEnd)),
      body: all.subarray(headerEnd, totalBytes),
    };
  }

  /** Makes the first chunk at least this long and returns it. */
  #peek(bytes: number): Buffer {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= bytes) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

/** Copies the values out of a body, whose place in memory need not be aligned. */
export function vectorsOf(body: Buffer, count: number, dimensions: number): Float32Array[] {
  const vectorBytes = dimensions * Float32Array.BYTES_PER_ELEMENT;
  if (body.length !== count * vectorBytes)
    throw new Error(`${count} vectors were announced in ${body.length} bytes.`);
  return Array.from({ length: count }, (_, index) => {
    const bytes = Uint8Array.prototype.slice.call(body, index * vectorBytes, (index + 1) * vectorBytes);
    return new Float32Array(bytes.buffer, bytes.byteOffset, dimensions);
  });
}
