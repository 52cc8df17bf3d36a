/** One live link to the embedder process. */
import type { Socket } from 'node:net';

import { messageOf } from '../errors.ts';
import { FrameReader, vectorsOf, writeFrame } from './frame.ts';
import type { EmbedderReply, Frame } from './frame.ts';
import { unavailable } from './layout.ts';

/** The link broke before the answer came; the same texts may be sent again over another one. */
export class ConnectionLost extends Error {}

interface Pending {
  resolve(vectors: readonly Float32Array[]): void;
  reject(error: unknown): void;
}

export class EmbedderConnection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #pending = new Map<number, Pending>();
  #lastRequest = 0;

  /** Keeps the program alive only while an answer is awaited. `onClose` runs once. */
  constructor(socket: Socket, onClose: () => void) {
    this.#socket = socket;
    socket.unref();
    socket.on('data', (chunk) => this.#read(chunk));
    // What went wrong is told by 'close' to everything that waits.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      onClose();
      this.#failAll(new ConnectionLost('The embedder process ended.'));
    });
  }

  /** Rejects with ConnectionLost, with HostError `embedder-unavailable`, or with the signal's reason. */
  embed(texts: readonly string[], signal: AbortSignal | undefined): Promise<readonly Float32Array[]> {
    const request = ++this.#lastRequest;
    const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>();
    if (this.#socket.destroyed) return Promise.reject(new ConnectionLost('The embedder process ended.'));
    const onAbort = (): void => {
      writeFrame(this.#socket, { type: 'cancel', request });
      this.#settle(request)?.reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(request, { resolve, reject });
    this.#socket.ref();
    writeFrame(this.#socket, { type: 'embed', request, texts });
    return promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#take(frame);
    } catch (error) {
      this.#failAll(unavailable(`The embedder process answered nonsense: ${messageOf(error)}`, error));
      this.#socket.destroy();
    }
  }

  #take({ header, body }: Frame): void {
    const reply = header as EmbedderReply;
    // An answer that crossed its cancellation has nobody waiting.
    const pending = this.#settle(reply.request);
    if (pending === undefined) return;
    if (reply.type === 'failure') pending.reject(unavailable(reply.message));
    else pending.resolve(vectorsOf(body, reply.count, reply.dimensions));
  }

  #settle(request: number): Pending | undefined {
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    if (this.#pending.size === 0) this.#socket.unref();
    return pending;
  }

  #failAll(error: Error): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}
