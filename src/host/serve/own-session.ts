/** What a client is to the registry: by which key its calls are known, and which of what servers say is for it. */
import { randomBytes } from 'node:crypto';

import type {
  ClientKey,
  InputHandler,
  MessageReaders,
  Registry,
  RegistrySession,
} from '../../registry/contract.ts';
import { actorOf, type ClientFacts } from './client-request.ts';

export interface OwnSessionOptions {
  readonly registry: Pick<Registry, 'openSession'>;
  /** It lives for one request, as over HTTP in the modern era: there is no session that would end. */
  readonly forOneRequest: boolean;
  /** Answers what the client's own servers ask outside of its calls. */
  readonly onInput: InputHandler;
}

export class OwnSession {
  /** A UUID would be put together of twenty pieces, and kept so. */
  readonly #id = randomBytes(16).toString('hex');
  readonly #opened: RegistrySession | undefined;
  /** What stands for a session where there is none. */
  #name: string | undefined;

  constructor({ registry, forOneRequest, onInput }: OwnSessionOptions) {
    this.#opened = forOneRequest ? undefined : registry.openSession(this.#id, { onInput });
  }

  /** Without a session, what the client is called stands for it, and each request is one of its own. */
  keyOf(client: ClientFacts): ClientKey {
    if (this.#opened !== undefined) return { session: this.#id };
    const session = actorOf(client);
    this.#name = session;
    return { session, owner: this.#id };
  }

  setLogLevel(level: string): void {
    this.#opened?.setLogLevel(level);
  }

  rootsChanged(): void {
    this.#opened?.rootsChanged();
  }

  /** Whether what a server says is for this client. */
  hears({ session, owner }: MessageReaders): boolean {
    if (session !== undefined && session !== this.#id && session !== this.#name) return false;
    return owner === undefined || owner === this.#id;
  }

  /** The registry sees to it that what is the client's own ends. */
  close(): void {
    void this.#opened?.[Symbol.asyncDispose]();
  }
}
