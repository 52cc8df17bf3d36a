import type { DeltaEvent, RunEvent, StoredEvent } from '../event.ts';

interface Node {
  readonly event: RunEvent | null;
  next: Node | undefined;
}

/**
 * The events of one run for any number of readers. Each reader follows a linked list at its own pace: a slow one slows
 * nobody, and what every reader has passed is freed. Stored events stay; deltas are kept only while their step is open.
 */
export class EventStream {
  readonly #stored: StoredEvent[] = [];
  /** Text so far of each open step, by step, kind and call. */
  readonly #open = new Map<string, Map<string, DeltaEvent>>();
  #tail: Node = { event: null, next: undefined };
  #closed = false;
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();

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
  }

  pushDelta(event: DeltaEvent): void {
    let kinds = this.#open.get(event.step);
    if (!kinds) {
      kinds = new Map();
      this.#open.set(event.step, kinds);
    }
    const key = deltaKey(event);
    const before = kinds.get(key);
    kinds.set(key, before ? { ...before, text: before.text + event.text } : event);
    this.#push(event);
  }

  /** What this step streamed is void (restart) or whole in a stored event (end). */
  forgetDeltas(step: string): void {
    this.#open.delete(step);
  }

  close(): void {
    this.#closed = true;
    this.#notify();
  }

  /**
   * The stored events from number `from` on, then the text so far of every open step, then what comes. Ends after the
   * last event of a closed stream. Leaving the loop detaches the reader and changes nothing else.
   */
  async *events(from = 1): AsyncGenerator<RunEvent, void, void> {
    let node = this.#tail;
    yield* [...this.#stored.slice(Math.max(0, from - 1)), ...this.#openDeltas()];
    for (;;) {
      while (node.next) {
        node = node.next;
        if (node.event) yield node.event;
      }
      if (this.#closed) return;
      await this.#wake.promise;
    }
  }

  #openDeltas(): DeltaEvent[] {
    return [...this.#open.values()].flatMap((kinds) => [...kinds.values()]);
  }

  #push(event: RunEvent): void {
    const node: Node = { event, next: undefined };
    this.#tail.next = node;
    this.#tail = node;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = Promise.withResolvers();
    wake.resolve();
  }
}

/** Deltas of one key continue each other; `offset` counts within it. */
export function deltaKey(event: { readonly type: string; readonly callId?: string }): string {
  return event.callId === undefined ? event.type : `${event.type}:${event.callId}`;
}
