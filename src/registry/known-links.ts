/** Whose the URIs are that no list has and only results have told of. */

const MAX_LINKS = 10_000;

export class KnownLinks {
  readonly #servers = new Map<string, string>();

  /** The oldest is forgotten where there are too many. */
  add(uri: string, server: string): void {
    const [oldest] = this.#servers.keys();
    if (this.#servers.size >= MAX_LINKS && oldest !== undefined) this.#servers.delete(oldest);
    this.#servers.set(uri, server);
  }

  serverOf(uri: string): string | undefined {
    return this.#servers.get(uri);
  }
}
