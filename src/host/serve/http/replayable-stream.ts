/**
 * What is said on one stream of a client of the 2025 era. It outlives its connections: what was said is kept for a while, and
 * a client that comes back with the id of the last event that it has gets the rest (spec 2025-11-25: transports, resumability).
 */
import type { ClientResponse } from './client-response.ts';
import type { Kept, ReplayStore } from './replay-store.ts';

/** Of one stream. */
const MAX_KEPT = 256;
/** Of one that no client has come for yet: most never come. */
const MAX_UNHEARD = 32;
/** A client whose connection ended comes back after that time. */
const RETRY_MS = 1_000;

export class ReplayableStream {
  /** Unique in its session. */
  readonly key: string;
  readonly #store: ReplayStore;
  /** In their order; the oldest may be gone. */
  readonly #events: Kept[] = [];
  #connection: ClientResponse | undefined;
  #lastSequence = 0;
  #lastWritten = 0;
  #isOver = false;

  constructor(key: string, store: ReplayStore) {
    this.key = key;
    this.#store = store;
  }

  get isConnected(): boolean {
    return this.#connection?.isOpen === true;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get congested(): boolean {
    return this.#connection?.congested === true;
  }

  /** The event with which a client can come back before anything was said. */
  get primer(): string {
    return `id: ${this.key}.${this.#lastWritten}\nretry: ${RETRY_MS}\ndata: \n\n`;
  }

  /** The connection on which it is said from now on; the one before ends, if its client has not lost it anyway. */
  connect(connection: ClientResponse): void {
    this.#connection?.end();
    this.#connection = connection;
  }

  /** Says again what came after; by default what no connection was told. */
  replay(afterSequence = this.#lastWritten): void {
    for (const kept of this.#events) if (kept.sequence > afterSequence) this.#write(kept);
    if (this.#isOver) this.#connection?.end();
  }

  /** Whether a client that has that event has something to come back for. */
  hasMore(afterSequence: number): boolean {
    return !this.#isOver || this.#events.some(({ sequence }) => sequence > afterSequence);
  }

  send(text: string): void {
    // Told once is enough for who has read none of it.
    if (!this.isConnected && this.#isUntold(text)) return;
    const onDropped = (dropped: Kept): void => {
      if (this.#events[0] === dropped) this.#events.shift();
    };
    const kept: Kept = { sequence: ++this.#lastSequence, text, onDropped };
    this.#events.push(kept);
    const most = this.#connection === undefined ? MAX_UNHEARD : MAX_KEPT;
    if (this.#events.length > most) this.#forgetOldest();
    this.#store.add(kept);
    if (this.isConnected) this.#write(kept);
  }

  /** Nothing more comes. */
  end(): void {
    this.#isOver = true;
    this.#connection?.end();
  }

  /** What was kept of it goes. */
  forget(): void {
    for (const kept of this.#events.splice(0)) this.#store.delete(kept);
  }

  #write({ sequence, text }: Kept): void {
    this.#lastWritten = Math.max(this.#lastWritten, sequence);
    this.#connection?.event(text, `${this.key}.${sequence}`);
  }

  #isUntold(text: string): boolean {
    return this.#events.some((kept) => kept.sequence > this.#lastWritten && kept.text === text);
  }

  #forgetOldest(): void {
    const oldest = this.#events.shift();
    if (oldest !== undefined) this.#store.delete(oldest);
  }
}

export interface EventPosition {
  readonly key: string;
  readonly sequence: number;
}

/** Undefined where it is no id of ours. */
export function eventPosition(id: string): EventPosition | undefined {
  const [, key, sequence] = /^([a-z]\d+)\.(\d+)$/.exec(id) ?? [];
  return key === undefined ? undefined : { key, sequence: Number(sequence) };
}
