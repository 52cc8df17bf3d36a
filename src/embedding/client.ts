import { setTimeout as wait } from 'node:timers/promises';

import { HostError } from '../errors.ts';
import { ConnectionLost, EmbedderConnection } from './connection.ts';
import type { Embedder } from './contract.ts';
import { reachEmbedder } from './launch.ts';
import { DIMENSIONS, embedderId, MAX_TOKENS, unavailable } from './layout.ts';
import { socketPath } from './socket-path.ts';

export interface EmbedderOptions {
  /** SWITCHYARD_HOME: every program of this folder shares one process. */
  readonly homeFolder: string;
  /** A folder of the embedder's layout. It may still be missing. */
  readonly folder: string;
  /** The process ends this long after the last request; the next one starts it again. 60 s by default. */
  readonly idleMs?: number;
  /** The process ends this long after its last client has gone. 3 s by default. */
  readonly lingerMs?: number;
}

/**
 * Costs nothing until the first `embed`. `id` reads the model file once and, like `embed`, fails with HostError
 * `embedder-unavailable` where the folder lacks the model. Disposing disconnects; the process ends when nobody is left.
 */
export function openEmbedder(options: EmbedderOptions): Embedder {
  return new EmbedderClient(options);
}

/** One death is bad luck; a process that is dying may still accept the second attempt; a third death is its work's fault. */
const ATTEMPTS = 3;
const RETRY_MS = 50;

class EmbedderClient implements Embedder {
  readonly dimensions = DIMENSIONS;
  readonly maxTokens = MAX_TOKENS;
  readonly #options: Required<EmbedderOptions>;
  #connection: Promise<EmbedderConnection> | undefined;
  readonly #closing = new AbortController();

  constructor({ idleMs = 60_000, lingerMs = 3_000, ...rest }: EmbedderOptions) {
    this.#options = { ...rest, idleMs, lingerMs };
  }

  get id(): string {
    return embedderId(this.#options.folder);
  }

  async embed(
    texts: readonly string[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Float32Array[]> {
    if (texts.length === 0) return [];
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      const connection = await unlessAborted(this.#connect(), signal);
      try {
        signal?.throwIfAborted();
        return await connection.embed(texts, signal);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        this.#closing.signal.throwIfAborted();
        if (attempt === ATTEMPTS) {
          throw unavailable(
            `The embedder process ended ${ATTEMPTS} times while it worked on ${texts.length} texts.`,
            error,
          );
        }
        await wait(RETRY_MS * attempt);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(unavailable('The embedder was closed.'));
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    try {
      (await connection).close();
    } catch (error) {
      // A connection that never came about needs no closing; whoever asked for it was told.
      if (!(error instanceof HostError)) throw error;
    }
  }

  #connect(): Promise<EmbedderConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<EmbedderConnection> {
    const { homeFolder, folder, idleMs, lingerMs } = this.#options;
    const { signal } = this.#closing;
    try {
      const path = socketPath(homeFolder, folder, this.id);
      const socket = await reachEmbedder({ path, modelFolder: folder, idleMs, lingerMs, signal });
      return new EmbedderConnection(socket, () => {
        this.#connection = undefined;
      });
    } catch (error) {
      this.#connection = undefined;
      throw signal.aborted ? signal.reason : error;
    }
  }
}

/** Whoever no longer wants an answer does not wait for the process to start; others may. */
async function unlessAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
