/** One HTTP response to a client: a JSON document where the answer is all there is to say, else a stream of events. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What waits to be read by one client; more is not written. One message may be larger. */
const MAX_UNREAD_BYTES = 4 * 1_024 * 1_024;
/** A client and what is between it and us are told within this time that the answer is worked on. */
const BEGIN_AFTER_TICKS = 3;
/** What is between may close a connection on which nothing is said. */
const KEEP_ALIVE_TICKS = 15;
/** A client that reads nothing for so long has gone. */
const STALLED_TICKS = 60;

/** A shorter one is cheaper as one write with its headers. */
const LONG_CHARACTERS = 65_536;

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;

export interface ClientResponseOptions {
  readonly headers?: OutgoingHttpHeaders;
  /** What a stream begins with. */
  readonly preamble?: () => string;
  /** `isComplete`: whether all of it was written. */
  readonly onClosed: (isComplete: boolean) => void;
  /** So much was not taken at once. */
  readonly onUnread?: (bytes: number) => void;
}

export class ClientResponse {
  readonly #response: ServerResponse;
  readonly #headers: OutgoingHttpHeaders | undefined;
  readonly #preamble: (() => string) | undefined;
  readonly #onUnread: ((bytes: number) => void) | undefined;
  #isEnded = false;
  #quietTicks = 0;
  #stalledTicks = 0;
  #writtenBytes = 0;

  constructor(response: ServerResponse, options: ClientResponseOptions) {
    const { headers, preamble, onClosed, onUnread } = options;
    this.#response = response;
    this.#headers = headers;
    this.#preamble = preamble;
    this.#onUnread = onUnread;
    response.once('close', () => {
      this.#isEnded = true;
      onClosed(response.writableFinished);
    });
  }

  get isStream(): boolean {
    return this.#response.headersSent;
  }

  /** Whether anything can still be said. */
  get isOpen(): boolean {
    return !this.#isEnded && !this.#response.destroyed;
  }

  /** Of its connection, also while responses before it are written. */
  get socket(): Socket {
    return this.#response.req.socket;
  }

  /** Written, and still in memory. */
  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  get congested(): boolean {
    return this.#response.writableNeedDrain;
  }

  /** The answer, whole, where no stream has begun. */
  json(status: number, text: string): void {
    if (!this.isOpen) return;
    this.#isEnded = true;
    const headers = {
      ...this.#headers,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
    };
    this.#response.writeHead(status, headers).end(inBytes(text));
    this.#noteUnread();
  }

  begin(): void {
    if (!this.isOpen || this.isStream) return;
    this.#response.writeHead(200, { ...this.#headers, ...STREAM_HEADERS });
    const preamble = this.#preamble?.() ?? '';
    if (preamble === '') this.#response.flushHeaders();
    else this.#write(preamble);
  }

  /** Begins the stream where that is not done. */
  event(text: string, id?: string): void {
    this.begin();
    if (this.isOpen) this.#write(frame(text, id));
  }

  /** With the last of a stream, where there is one more. */
  end(text?: string, id?: string): void {
    if (!this.isOpen) return;
    if (!this.isStream) this.#response.writeHead(200, { ...this.#headers, ...STREAM_HEADERS });
    this.#isEnded = true;
    this.#response.end(text === undefined ? undefined : inBytes(frame(text, id)));
    this.#noteUnread();
  }

  /** The client is cut off; what it did not read is gone. */
  drop(): void {
    this.#response.destroy();
  }

  /** Called once a second. */
  tick(): void {
    if (this.#isStalled()) {
      this.drop();
      return;
    }
    if (!this.isOpen) return;
    this.#quietTicks += 1;
    if (!this.isStream) {
      if (this.#quietTicks >= BEGIN_AFTER_TICKS) this.begin();
    } else if (this.#quietTicks >= KEEP_ALIVE_TICKS && !this.congested) {
      this.#write(':\n\n');
    }
  }

  #write(text: string): void {
    if (this.#response.writableLength > MAX_UNREAD_BYTES) {
      this.drop();
      return;
    }
    this.#quietTicks = 0;
    this.#response.write(inBytes(text));
  }

  #noteUnread(): void {
    const bytes = this.unreadBytes;
    if (bytes > 0) this.#onUnread?.(bytes);
  }

  #isStalled(): boolean {
    const writtenBytes = this.#response.socket?.bytesWritten ?? 0;
    const waits = this.#response.writableLength > 0 && writtenBytes === this.#writtenBytes;
    this.#writtenBytes = writtenBytes;
    this.#stalledTicks = waits ? this.#stalledTicks + 1 : 0;
    return this.#stalledTicks >= STALLED_TICKS;
  }
}

function frame(text: string, id: string | undefined): string {
  return id === undefined ? `data: ${text}\n\n` : `id: ${id}\ndata: ${text}\n\n`;
}

/** A long text waits as the bytes that it has on the wire, and not as the string it is, which may take twice as much. */
function inBytes(text: string): string | Buffer {
  return text.length < LONG_CHARACTERS ? text : Buffer.from(text);
}
