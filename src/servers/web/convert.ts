/**
 * Pages become text in a thread of their own: a hostile page can keep a parser busy or fill its memory, and only a thread can
 * be stopped in the middle of that. One idle thread is kept, since loading the parsers costs more than most pages.
 */
import { Worker } from 'node:worker_threads';

import { HostError } from '../../errors.ts';

export type ConversionRequest =
  | { readonly type: 'html'; readonly html: string; readonly url: string }
  | { readonly type: 'pdf'; readonly bytes: Uint8Array };

export type Converted = {
  readonly title: string;
  readonly text: string;
  readonly extraction: 'main' | 'whole' | 'none';
};

export type ConversionReply =
  | ({ readonly type: 'done' } & Converted)
  | { readonly type: 'failed'; readonly message: string };

const TIMEOUT_MS = 20_000;
const MAX_HEAP_MEGABYTES = 512;

export class Converter {
  #idle: Worker | undefined;
  #closed = false;

  /** Rejects with the signal's reason when cancelled, with a HostError when the page cannot be read. */
  async convert(request: ConversionRequest, signal: AbortSignal): Promise<Converted> {
    signal.throwIfAborted();
    const worker = this.#idle ?? startThread();
    this.#idle = undefined;
    worker.ref();
    let reply: ConversionReply;
    try {
      reply = await exchange(worker, request, signal);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    await this.#keep(worker);
    if (reply.type === 'done') return { title: reply.title, text: reply.text, extraction: reply.extraction };
    throw new HostError(
      'unreadable',
      `The page could not be read: ${reply.message}. For HTML, set raw to get its source.`,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#idle?.terminate();
  }

  async #keep(worker: Worker): Promise<void> {
    if (this.#idle !== undefined || this.#closed) {
      await worker.terminate();
      return;
    }
    worker.unref();
    this.#idle = worker;
  }
}

async function exchange(
  worker: Worker,
  request: ConversionRequest,
  signal: AbortSignal,
): Promise<ConversionReply> {
  const { promise, resolve, reject } = Promise.withResolvers<ConversionReply>();
  const onAbort = (): void => reject(signal.reason);
  const onError = (error: Error): void => {
    reject(new HostError('unreadable', `The page could not be read: ${error.message}.`, { cause: error }));
  };
  const timer = setTimeout(() => {
    const text = `The page could not be read within ${TIMEOUT_MS / 1_000} s. For HTML, set raw to get its source.`;
    reject(new HostError('unreadable', text));
  }, TIMEOUT_MS);
  signal.addEventListener('abort', onAbort, { once: true });
  worker.once('message', resolve);
  worker.once('error', onError);
  try {
    worker.postMessage(request);
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    worker.off('message', resolve);
    worker.off('error', onError);
  }
}

function startThread(): Worker {
  // Node runs the source in a checkout and the compiled file in the package.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./convert-thread.${extension}`, import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
    stdout: true,
  });
}
