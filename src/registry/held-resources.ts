/** Subscriptions to resources on one connection: a server has one for each URI, however many of ours want it. */
import type { Connection } from './connection.ts';

const SUBSCRIBE_TIMEOUT_MS = 30_000;

export interface Hold {
  /** What the server said where it refuses. Never rejects. */
  readonly opened: Promise<string | undefined>;
  /** Resolves when the signal aborts, or the server or its connection has ended it. */
  readonly ended: Promise<void>;
}

interface Held extends Hold {
  holders: number;
  readonly end: () => void;
}

export class HeldResources {
  readonly #held = new WeakMap<Connection, Map<string, Held>>();

  hold(connection: Connection, uri: string, signal: AbortSignal): Hold {
    const ofConnection = this.#held.get(connection) ?? new Map<string, Held>();
    this.#held.set(connection, ofConnection);
    const held = ofConnection.get(uri) ?? begin(connection, uri);
    held.holders += 1;
    const forget = (): void => {
      if (ofConnection.get(uri) === held) ofConnection.delete(uri);
    };
    ofConnection.set(uri, held);
    const left = Promise.withResolvers<void>();
    const leave = (): void => {
      held.holders -= 1;
      if (held.holders === 0) {
        forget();
        held.end();
      }
      left.resolve();
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    void held.ended.then(forget);
    return { opened: held.opened, ended: Promise.race([left.promise, held.ended]) };
  }
}

function begin(connection: Connection, uri: string): Held {
  const release = connection.retain();
  const held = connection.era === 'modern' ? listen(connection, uri) : subscribe(connection, uri);
  void held.ended.then(release);
  return { ...held, holders: 0 };
}

function listen(connection: Connection, uri: string): Omit<Held, 'holders'> {
  const controller = new AbortController();
  const { opened, ended } = connection.listenTo(uri, controller.signal);
  return { opened: opened.then((error) => error?.message), ended, end: () => controller.abort() };
}

function subscribe(connection: Connection, uri: string): Omit<Held, 'holders'> {
  const options = { timeoutMs: SUBSCRIBE_TIMEOUT_MS };
  const over = Promise.withResolvers<void>();
  return {
    opened: connection
      .send('resources/subscribe', { uri }, options)
      .then((answer) => (answer.type === 'result' ? undefined : answer.message)),
    ended: Promise.race([over.promise, connection.ended]),
    end() {
      // Sent before anything else is, so that whoever subscribes next is not unsubscribed by it.
      if (!connection.closed) void connection.send('resources/unsubscribe', { uri }, options);
      over.resolve();
    },
  };
}
