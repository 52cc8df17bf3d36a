/** The servers of the definitions in use, and those that are on their way out. */
import type { ManagedServer } from './managed-server.ts';
import type { ConnectableDefinition, RegistryParts, ServerEvents } from './registry-parts.ts';

export class RunningServers {
  readonly #create: RegistryParts['createServer'];
  readonly #events: ServerEvents;
  readonly #servers = new Map<string, ManagedServer>();
  /** Taken out, and not stopped yet. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(create: RegistryParts['createServer'], events: ServerEvents) {
    this.#create = create;
    this.#events = events;
  }

  get(name: string): ManagedServer | undefined {
    return this.#servers.get(name);
  }

  all(): readonly ManagedServer[] {
    return [...this.#servers.values()];
  }

  /**
   * Makes the servers those of the definitions; resolves when the ones that are no longer wanted have stopped. `logLevel` is
   * what new ones are told.
   */
  async adopt(definitions: readonly ConnectableDefinition[], logLevel: string | undefined): Promise<void> {
    const wanted = new Map(definitions.map((definition) => [definition.name, definition]));
    const stopping = new Map<string, Promise<void>>();
    for (const [name, server] of this.#servers) {
      const definition = wanted.get(name);
      const wasAtStart = server.definition.start === 'at-start';
      if (definition !== undefined && server.redefine(definition)) {
        if (definition.start === 'at-start' && !wasAtStart) void server.list();
        continue;
      }
      this.#servers.delete(name);
      stopping.set(name, this.#leave(server));
    }
    for (const [name, definition] of wanted) {
      if (this.#servers.has(name)) continue;
      const server = this.#create(definition, stopping.get(name) ?? Promise.resolve(), this.#events);
      this.#servers.set(name, server);
      if (logLevel !== undefined) server.setLogLevel(logLevel);
      if (definition.start === 'at-start') void server.list();
    }
    await Promise.all(stopping.values());
  }

  /** Stops all of them, at once. */
  async close(): Promise<void> {
    await Promise.all([...this.all().map((server) => server.close()), ...this.#leaving]);
  }

  #leave(server: ManagedServer): Promise<void> {
    const stopped = server.close('It was changed or taken out in the config.');
    this.#leaving.add(stopped);
    return stopped.finally(() => this.#leaving.delete(stopped));
  }
}
