/** Watches single resources in both eras, again after each reconnect. */
import { setTimeout as delay } from 'node:timers/promises';

import { HostError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { ChangeFeed } from '../change-feed.ts';
import { beforeAbort } from './before-abort.ts';
import type { Connection } from './connection.ts';
import type { ResourceChange, SubscribeOptions } from './contract.ts';
import { HeldResources } from './held-resources.ts';
import type { ManagedServer } from './managed-server.ts';

const AGAIN_MS = 1_000;

export interface WatchedResource extends SubscribeOptions {
  readonly server: ManagedServer;
  /** The server of that name at the moment: a changed config puts another in its place, or none. */
  readonly current: () => ManagedServer | undefined;
  readonly uri: string;
  /** What the reader calls the resource. */
  readonly shownUri: string;
}

export interface Updated {
  readonly server: string;
  readonly uri: string;
  readonly session: string | undefined;
}

export class Subscriptions {
  readonly #feed = new ChangeFeed<Updated>();
  readonly #held = new HeldResources();

  /** A server said that one of its resources changed; `session`: on the connection that the session has to itself. */
  updated(change: Updated): void {
    this.#feed.publish(change);
  }

  close(): void {
    this.#feed.close();
  }

  /**
   * Yields at each change; ends when the signal aborts or the server is there no longer. Throws a HostError where the
   * server offers no subscriptions or cannot be connected.
   */
  async *watch(
    watched: WatchedResource,
    signal: AbortSignal,
  ): AsyncGenerator<ResourceChange, void, undefined> {
    const { server, uri, client, shownUri, onOpened } = watched;
    const { name } = server.definition;
    const end = new AbortController();
    const both = AbortSignal.any([signal, end.signal]);
    const changes = this.#feed.read(both);
    // Reading starts before the server is asked, so that no change falls between the two.
    let next = changes.next();
    try {
      if (signal.aborted) return;
      const connection = await beforeAbort(this.#connected(server, client), signal);
      if (connection === undefined) return;
      const first = this.#held.hold(connection, uri, both);
      const refused = await Promise.race([first.opened, next.then(() => undefined)]);
      if (refused !== undefined) throw refusal(server, uri, refused);
      onOpened?.();
      void this.#again(watched, both, first.ended).finally(() => end.abort());
      for (;;) {
        const { value, done } = await next;
        if (done === true) return;
        const isOurs = value.session === undefined || value.session === client?.session;
        if (isOurs && value.server === name && value.uri === uri) yield { uri: shownUri };
        next = changes.next();
      }
    } finally {
      end.abort();
      await changes.return();
    }
  }

  async #connected(server: ManagedServer, client: SubscribeOptions['client']): Promise<Connection> {
    const link = await server.connect(client);
    const { name } = server.definition;
    if (!link.ok)
      throw new HostError('server-unavailable', `Server '${name}' is not available: ${link.reason}`);
    const { resources } = link.connection.capabilities;
    if (!isJsonObject(resources) || resources['subscribe'] !== true) {
      throw new HostError(
        'subscription-unsupported',
        `Server '${name}' offers no subscriptions to its resources.`,
      );
    }
    return link.connection;
  }

  /** Renews the subscription on each later connection until the signal aborts or there is no such server. */
  async #again(
    { current, uri, client, onOpened, onUnavailable }: WatchedResource,
    signal: AbortSignal,
    ended: Promise<void>,
  ): Promise<void> {
    await ended;
    while (!signal.aborted) {
      await delay(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
      const server = current();
      if (signal.aborted || server === undefined) return;
      const link = await beforeAbort(server.connect(client), signal);
      if (link === undefined) return;
      if (!link.ok) {
        if (!signal.aborted) onUnavailable?.(link.reason);
        continue;
      }
      const held = this.#held.hold(link.connection, uri, signal);
      const refused = await Promise.race([held.opened, held.ended.then(() => 'its connection was lost')]);
      if (!signal.aborted) {
        if (refused === undefined) onOpened?.();
        else onUnavailable?.(refused);
      }
      await held.ended;
    }
  }
}

function refusal(server: ManagedServer, uri: string, reason: string): HostError {
  return new HostError(
    'subscription-refused',
    `Server '${server.definition.name}' does not watch '${uri}': ${reason}`,
  );
}
