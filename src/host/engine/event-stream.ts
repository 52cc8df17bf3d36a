import type { DeltaEvent, RunEvent, StoredEvent } from '../event.ts';

interface Node {
  readonly event: RunEvent | null;
  next: Node | undefined;
}

interface OpenText {
  readonly first: DeltaEvent;
  text: string;
}

/**
 * The events of one run for any number of readers. Each reader follows a linked list at its own pace: a slow one slows
 * nobody, and what every reader has passed is freed. Stored events stay; deltas are kept only while their step is open.
 */
export class EventStream {
  readonly #stored: StoredEvent[] = [];
  /** What each open step has said so far, by step, then by kind and call. */
  readonly #open = new Map<string, Map<string, OpenText>>();
  #tail: Node = { event: null, next: undefined };
  #closed = false;
  /** Present while a reader waits. */
  #wake: PromiseWithResolvers<void> | undefined;
  #wakeStored: PromiseWithResolvers<void> | undefined;

  constructor(stored: readonly StoredEvent[] = []) {
    this.#stored.push(...stored);
  }

  get lastNumber(): number {
    return this.#stored.length;
  }

  get stored(): readonly StoredEvent[] {
    return this.#stored;
  }

  pushStored(event: StoredEvent): void {
    this.#stored.push(event);
    this.#push(event);
    this.#wakeStored?.resolve();
    this.#wakeStored = undefined;
  }

  /** `key` is its `deltaKey`. */
  pushDelta(event: DeltaEvent, key: string): void {
    let kinds = this.#open.get(event.step);
    if (!kinds) {
      kinds = new Map();
      this.#open.set(event.step, kinds);
    }
    const open = kinds.get(key);
    if (open) open.text += event.text;
    else kinds.set(key, { first: event, text: event.text });
    this.#push(event);
  }

  /** What this step streamed is void (restart) or whole in a stored event (end). */
  forgetDeltas(step: string): void {
    this.#open.delete(step);
  }

  close(): void {
    this.#closed = true;
    this.#notify();
    this.#wakeStored?.resolve();
  }

  /**
   * The stored events from number `from` on, then the text so far of every open step, then what comes. Ends after the
   * last event of a closed stream. Leaving the loop detaches the reader and changes nothing else.
   */
  async *events(from = 1): AsyncGenerator<RunEvent, void, void> {
    let node = this.#tail;
    for (const event of [...this.#stored.slice(Math.max(0, from - 1)), ...this.#openDeltas()]) yield event;
    for (;;) {
      while (node.next) {
        node = node.next;
        if (node.event && !isBefore(node.event, from)) yield node.event;
      }
      if (this.#closed) return;
      this.#wake ??= Promise.withResolvers();
      await this.#wake.promise;
    }
  }

  /** The stored events only: a reader that wants no deltas is not woken by them. */
  async *storedEvents(): AsyncGenerator<StoredEvent, void, void> {
    for (let next = 0; ; ) {
      while (next < this.#stored.length) {
        const event = this.#stored[next];
        next += 1;
        if (event) yield event;
      }
      if (this.#closed) return;
      this.#wakeStored ??= Promise.withResolvers();
      await this.#wakeStored.promise;
    }
  }

  #openDeltas(): DeltaEvent[] {
    return [...this.#open.values()].flatMap((kinds) =>
      [...kinds.values()].map(({ first, text }) => ({ ...first, text })),
    );
  }

  #push(event: RunEvent): void {
    const node: Node = { event, next: undefined };
    this.#tail.next = node;
    this.#tail = node;
    this.#notify();
  }

  #notify(): void {
    this.#wake?.resolve();
    this.#wake = undefined;
  }
}

/** A reader may be there before the events of an earlier host are read. */
function isBefore(event: RunEvent, from: number): boolean {
  return 'number' in event && event.number < from;
}

/** Deltas of one key continue each other; `offset` counts within it. */
export function deltaKey(event: { readonly type: string; readonly callId?: string }): string {
  return event.callId === undefined ? event.type : `${event.type}:${event.callId}`;
}
