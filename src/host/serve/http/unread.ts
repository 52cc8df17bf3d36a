/** What all clients together have not read. When it is too much, the connection on which most of it waits is cut off. */
import type { Socket } from 'node:net';

import type { ClientResponse } from './client-response.ts';

const MAX_BYTES = 256 * 1_024 * 1_024;
/** After so much more that was not taken at once it is looked at, so that a burst does not get far. */
const LOOK_AFTER_BYTES = 32 * 1_024 * 1_024;

export class Unread {
  readonly #open: Iterable<ClientResponse>;
  readonly #maxBytes: number;
  readonly #onCutOff: (bytes: number) => void;
  #sinceLook = 0;

  /** `onCutOff` is told how much a connection that had to go had not read. */
  constructor(open: Iterable<ClientResponse>, onCutOff: (bytes: number) => void, maxBytes = MAX_BYTES) {
    this.#open = open;
    this.#maxBytes = maxBytes;
    this.#onCutOff = onCutOff;
  }

  /** So much was written and not taken at once. */
  note(bytes: number): void {
    this.#sinceLook += bytes;
    if (this.#sinceLook >= LOOK_AFTER_BYTES) this.enforce();
  }

  enforce(): void {
    this.#sinceLook = 0;
    const ofSocket = new Map<Socket, number>();
    let total = 0;
    for (const { socket, unreadBytes } of this.#open) {
      ofSocket.set(socket, (ofSocket.get(socket) ?? 0) + unreadBytes);
      total += unreadBytes;
    }
    if (total <= this.#maxBytes) return;
    for (const [socket, bytes] of [...ofSocket].sort(([, one], [, other]) => other - one)) {
      if (total <= this.#maxBytes) break;
      socket.destroy();
      this.#onCutOff(bytes);
      total -= bytes;
    }
  }
}
