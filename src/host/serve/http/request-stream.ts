/** What a client of the 2025 era is told about the requests of one POST: one JSON document, or a stream until all are answered. */
import type { RequestId } from '../../../wire/message.ts';
import type { ClientResponse } from './client-response.ts';
import type { ReplayableStream } from './replayable-stream.ts';

export class RequestStream {
  readonly #open: Set<RequestId>;
  #response: ClientResponse | undefined;
  /** Once a stream has begun. */
  #replayable: ReplayableStream | undefined;

  constructor(ids: readonly RequestId[]) {
    this.#open = new Set(ids);
  }

  /** How it is answered; `begin` makes the stream that it becomes where it is not answered at once. */
  respond(response: ClientResponse): void {
    this.#response = response;
  }

  /** The stream has begun: it outlives the connection. */
  becomes(replayable: ReplayableStream): void {
    this.#replayable = replayable;
    if (this.#response !== undefined) replayable.connect(this.#response);
  }

  get congested(): boolean {
    return this.#replayable?.congested ?? false;
  }

  /** False where the client can no longer be told on this way. */
  tell(text: string): boolean {
    if (this.#replayable === undefined) this.#response?.begin();
    if (this.#replayable === undefined) return false;
    this.#replayable.send(text);
    return true;
  }

  /** The answer to one of the requests; undefined where it ended without one. */
  answer(id: RequestId, text: string | undefined): void {
    this.#open.delete(id);
    const isLast = this.#open.size === 0;
    if (this.#replayable === undefined && isLast) {
      if (text === undefined) this.#response?.end();
      else this.#response?.json(200, text);
      return;
    }
    if (text !== undefined) this.tell(text);
    if (isLast) this.#replayable?.end();
  }
}
