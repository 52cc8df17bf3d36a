/** Resources that one client wants to hear of: by URI in the 2025 era, by stream in the modern one. */
import { InFlight } from '../../in-flight.ts';
import type { RequestId } from '../../wire/message.ts';
import { ERROR, ProtocolError } from './protocol.ts';
import type { Facade } from './facade.ts';
import type { Subscription } from './served-resources.ts';

/** A server that does not answer in this time is still asked; its client is told then that it is listened for. */
const OPENING_MS = 5_000;
/** Of one client. */
const MAX_WATCHED = 1_000;

export type Watcher = Pick<Subscription, 'client' | 'key'>;

type Watched = { readonly uri: string; readonly stream: RequestId | undefined };

export class WatchedResources {
  readonly #resources: Pick<Facade, 'subscribe'>;
  readonly #onUpdated: (uri: string, stream: RequestId | undefined) => void;
  readonly #open = new InFlight<Watched, AbortController>();

  constructor(
    resources: Pick<Facade, 'subscribe'>,
    onUpdated: (uri: string, stream: RequestId | undefined) => void,
  ) {
    this.#resources = resources;
    this.#onUpdated = onUpdated;
  }

  /** Resolves when the server watches it. Rejects with HostErrors where it does not. */
  watch(uri: string, client: Watcher, stream?: RequestId): Promise<void> {
    if (stream === undefined && this.#find(uri) !== undefined) return Promise.resolve();
    if (this.#open.size >= MAX_WATCHED)
      return Promise.reject(
        new ProtocolError(ERROR.tooManyRequests, `More than ${MAX_WATCHED} resources are watched.`),
      );
    const watched: Watched = { uri, stream };
    const controller = new AbortController();
    this.#open.set(watched, controller);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const follow = async (): Promise<void> => {
      const subscription = { ...client, signal: controller.signal, onOpened: resolve };
      const changes = this.#resources.subscribe(uri, subscription);
      for await (const change of changes) this.#onUpdated(change.uri, stream);
    };
    follow()
      .then(resolve, reject)
      .finally(() => this.#open.delete(watched));
    return promise;
  }

  /** Those of the URIs that are watched, or may come to be. */
  async watchAll(uris: readonly string[], client: Watcher, stream: RequestId): Promise<readonly string[]> {
    const waiting = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => waiting.resolve(true), OPENING_MS);
    const opened = await Promise.all(
      uris.map((uri) =>
        Promise.race([
          this.watch(uri, client, stream).then(
            () => true,
            () => false,
          ),
          waiting.promise,
        ]),
      ),
    );
    clearTimeout(timer);
    return uris.filter((_, index) => opened[index]);
  }

  unwatch(uri: string): void {
    const watched = this.#find(uri);
    if (watched !== undefined) this.#open.get(watched)?.abort();
  }

  unwatchStream(stream: RequestId): void {
    for (const [watched, controller] of this.#open.entries())
      if (watched.stream === stream) controller.abort();
  }

  close(): void {
    for (const controller of this.#open.values()) controller.abort();
  }

  #find(uri: string): Watched | undefined {
    return [...this.#open.keys()].find((watched) => watched.stream === undefined && watched.uri === uri);
  }
}
