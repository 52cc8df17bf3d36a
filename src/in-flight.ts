/**
 * What comes and goes, by key: a Map whose entries let go of their values as they are taken out. A Map's table that was
 * outgrown keeps what stood in it and the table after it, until a full collection: of calls as values each would outlive its
 * answer, and be copied through the heap with all that it had made. Without entries there is no table at all: of thousands of
 * clients nearly all have nothing in flight.
 */
export class InFlight<Key, Value> {
  #slots: Map<Key, { value: Value | undefined }> | undefined;

  get size(): number {
    return this.#slots?.size ?? 0;
  }

  has(key: Key): boolean {
    return this.#slots?.has(key) === true;
  }

  get(key: Key): Value | undefined {
    return this.#slots?.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    this.#slots ??= new Map();
    const slot = this.#slots.get(key);
    if (slot === undefined) this.#slots.set(key, { value });
    else slot.value = value;
  }

  delete(key: Key): boolean {
    const slot = this.#slots?.get(key);
    if (slot === undefined) return false;
    slot.value = undefined;
    this.#slots?.delete(key);
    if (this.size === 0) this.#slots = undefined;
    return true;
  }

  *keys(): Generator<Key, void, void> {
    if (this.#slots !== undefined) yield* this.#slots.keys();
  }

  *values(): Generator<Value, void, void> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): Generator<[Key, Value], void, void> {
    if (this.#slots === undefined) return;
    for (const [key, { value }] of this.#slots) if (value !== undefined) yield [key, value];
  }

  clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }
}
