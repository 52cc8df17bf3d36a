/** The pages that were read last, so that reading on does not fetch and convert them again. */
export class PageCache<Value> {
  readonly #entries = new Map<string, { value: Value; sizeCharacters: number; expiresMs: number }>();
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  readonly #lifetimeMs: number;
  #characters = 0;

  constructor({ maxEntries = 32, maxCharacters = 50_000_000, lifetimeMs = 600_000 } = {}) {
    this.#maxEntries = maxEntries;
    this.#maxCharacters = maxCharacters;
    this.#lifetimeMs = lifetimeMs;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#remove(key);
    if (entry.expiresMs <= performance.now()) return undefined;
    this.#entries.set(key, entry);
    this.#characters += entry.sizeCharacters;
    return entry.value;
  }

  /** The least recently used make room; what is larger than the whole cache is not kept. */
  set(key: string, value: Value, sizeCharacters: number): void {
    this.#remove(key);
    if (sizeCharacters > this.#maxCharacters) return;
    this.#entries.set(key, { value, sizeCharacters, expiresMs: performance.now() + this.#lifetimeMs });
    this.#characters += sizeCharacters;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#characters <= this.#maxCharacters) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#characters -= entry.sizeCharacters;
  }
}
