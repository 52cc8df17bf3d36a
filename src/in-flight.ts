/**
 * What comes and goes, by key: a Map whose entries let go of their values as they are taken out. A Map's table that was
 * outgrown keeps what stood in it and the table after it, until a full collection: of calls as values each would outlive its
 * answer, and be copied through the heap with all that it had made.
 */
export class InFlight<Key, Value> {
  readonly #slots = new Map<Key, { value: Value | undefined }>();

  get size(): number {
    return this.#slots.size;
  }

  has(key: Key): boolean {
    return this.#slots.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#slots.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) this.#slots.set(key, { value });
    else slot.value = value;
  }

  delete(key: Key): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    slot.value = undefined;
    return this.#slots.delete(key);
  }

  keys(): MapIterator<Key> {
    return this.#slots.keys();
  }

  *values(): Generator<Value, void, void> {
    for (const { value } of this.#slots.values()) if (value !== undefined) yield value;
  }

  clear(): void {
    for (const key of [...this.#slots.keys()]) this.delete(key);
  }
}
