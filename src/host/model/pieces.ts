import type { Readable } from 'node:stream';

type Result = IteratorResult<string, undefined>;

/** The connection failed, for the reason that `cause` says. */
export class ConnectionFault extends Error {
  declare readonly cause: Error;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'ConnectionFault';
  }
}

/** More than any reader that goes on lets come together; the stream waits then. */
const MAX_WAITING = 64;

/** The text of a stream, piece by piece; rejects with ConnectionFault. Node's own iterator costs as much as the request that it reads the answer of. */
export class Pieces implements AsyncIterator<string, undefined> {
  readonly #stream: Readable;
  readonly #waiting: string[] = [];
  #end: { readonly error?: Error } | undefined;
  #asking: PromiseWithResolvers<Result> | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => this.#take(piece));
    stream.once('end', () => this.#stop({}));
    stream.once('error', (error: Error) => this.#fail(error));
    stream.once('close', () => {
      // An error that nobody sees would still cost its stack.
      if (!this.#end) this.#fail(new Error('it was closed'));
    });
  }

  next(): Promise<Result> {
    const value = this.#waiting.shift();
    if (value !== undefined) {
      if (this.#stream.isPaused()) this.#stream.resume();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end?.error) return Promise.reject(this.#end.error);
    if (this.#end) return Promise.resolve({ done: true, value: undefined });
    this.#asking = Promise.withResolvers();
    return this.#asking.promise;
  }

  return(): Promise<Result> {
    this.#stream.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  #take(piece: string): void {
    if (this.#asking) {
      this.#asking.resolve({ done: false, value: piece });
      this.#asking = undefined;
      return;
    }
    this.#waiting.push(piece);
    if (this.#waiting.length >= MAX_WAITING) this.#stream.pause();
  }

  #fail(cause: Error): void {
    this.#stop({ error: new ConnectionFault(cause) });
  }

  #stop(end: { readonly error?: Error }): void {
    if (this.#end) return;
    this.#end = end;
    if (end.error) this.#asking?.reject(end.error);
    else this.#asking?.resolve({ done: true, value: undefined });
    this.#asking = undefined;
  }
}
