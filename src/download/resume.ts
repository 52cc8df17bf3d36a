/** One file over HTTP, going on where an earlier attempt stopped (RFC 9110, section 14: range requests). */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { messageOf } from '../errors.ts';
import { DownloadFailure, writeFailure } from './failure.ts';

export interface ResumeOptions {
  readonly url: string;
  /** What it holds already is taken for the beginning of the content. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly onProgress?: (haveBytes: number) => void;
  readonly signal?: AbortSignal;
  /** A transfer in which nothing comes for so long is given up and begun again. */
  readonly idleTimeoutMs?: number;
  /** So many attempts in a row that bring no byte end it. */
  readonly maxFutileAttempts?: number;
  /** Doubled after each futile attempt. */
  readonly retryDelayMs?: number;
}

/**
 * Resolves when the file has its full size; the caller checks its hash. Rejects with DownloadFailure, and with the
 * signal's reason; what came so far stays in the file either way.
 */
export async function downloadResuming({
  url,
  file,
  sizeBytes,
  onProgress = () => undefined,
  signal,
  idleTimeoutMs = 30_000,
  maxFutileAttempts = 5,
  retryDelayMs = 1_000,
}: ResumeOptions): Promise<void> {
  const handle = await open(file, 'a');
  try {
    let futileAttempts = 0;
    for (;;) {
      signal?.throwIfAborted();
      const before = (await handle.stat()).size;
      if (before === sizeBytes) {
        await handle.sync();
        return;
      }
      if (before > sizeBytes) await handle.truncate(0);
      try {
        await transfer({ url, handle, file, sizeBytes, onProgress, signal, idleTimeoutMs });
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof DownloadFailure) || error.code !== 'cut') throw error;
        const gained = (await handle.stat()).size > before;
        futileAttempts = gained ? 0 : futileAttempts + 1;
        if (futileAttempts >= maxFutileAttempts) throw error;
        // The wait ends with an error of its own; the reason is the signal's.
        await wait(retryDelayMs * 2 ** futileAttempts, undefined, signal ? { signal } : {}).catch(() =>
          signal?.throwIfAborted(),
        );
      }
    }
  } finally {
    await handle.close();
  }
}

interface Transfer {
  readonly url: string;
  readonly handle: FileHandle;
  readonly file: string;
  readonly sizeBytes: number;
  readonly onProgress: (haveBytes: number) => void;
  readonly signal: AbortSignal | undefined;
  readonly idleTimeoutMs: number;
}

async function transfer(options: Transfer): Promise<void> {
  const { url, handle, file, sizeBytes, onProgress, signal, idleTimeoutMs } = options;
  using idle = idleTimer(idleTimeoutMs, signal);
  const response = await request(url, (await handle.stat()).size, idle);
  let haveBytes = await startOf(response, handle);
  const body = response.body?.[Symbol.asyncIterator]();
  if (body === undefined) throw new DownloadFailure('cut', `${url} answered without content.`);
  for (;;) {
    const piece = await next(body, url, idle, haveBytes);
    if (piece === undefined) break;
    idle.restart();
    if (haveBytes + piece.length > sizeBytes) {
      await body.return?.();
      throw new DownloadFailure('altered', `${url} holds more than the ${sizeBytes} bytes expected.`);
    }
    try {
      await handle.appendFile(piece);
    } catch (error) {
      await body.return?.();
      throw writeFailure(error, file);
    }
    haveBytes += piece.length;
    onProgress(haveBytes);
  }
  if (haveBytes < sizeBytes)
    throw new DownloadFailure('cut', `${url} ended after ${haveBytes} of ${sizeBytes} bytes.`);
}

async function request(url: string, from: number, idle: IdleTimer): Promise<Response> {
  try {
    return await fetch(url, {
      // Compressed on the way, offsets would not be those of the content.
      headers: { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
      signal: idle.signal,
    });
  } catch (error) {
    throw cut(error, url, idle);
  }
}

async function next(
  body: AsyncIterator<Uint8Array>,
  url: string,
  idle: IdleTimer,
  haveBytes: number,
): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await body.next();
    return done ? undefined : value;
  } catch (error) {
    throw cut(error, `${url} (after ${haveBytes} bytes)`, idle);
  }
}

function cut(error: unknown, where: string, idle: IdleTimer): DownloadFailure {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const why = idle.expired ? `nothing came for ${idle.timeoutMs / 1_000} s` : messageOf(cause);
  return new DownloadFailure('cut', `${where}: ${why}.`, error);
}

/** The offset at which the answer's content begins; the file is cut to it. Throws DownloadFailure. */
async function startOf(response: Response, handle: FileHandle): Promise<number> {
  const { status, url } = response;
  if (status === 200) {
    // This server does not know ranges, or its file is another one: all from the start.
    await handle.truncate(0);
    return 0;
  }
  if (status === 206) {
    const first = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    const { size } = await handle.stat();
    if (Number(first) === size) return size;
    await response.body?.cancel();
    throw new DownloadFailure('altered', `${url} answered with another part than the one asked for.`);
  }
  await response.body?.cancel();
  if (status === 416) {
    await handle.truncate(0);
    throw new DownloadFailure('cut', `${url} is shorter than what was kept of it.`);
  }
  const passing = status >= 500 || status === 408 || status === 429;
  throw new DownloadFailure(passing ? 'cut' : 'refused', `${url} answered with ${status}.`);
}

interface IdleTimer extends Disposable {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly expired: boolean;
  restart(): void;
}

function idleTimer(timeoutMs: number, outer: AbortSignal | undefined): IdleTimer {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, timeoutMs);
  return {
    signal: outer === undefined ? controller.signal : AbortSignal.any([outer, controller.signal]),
    timeoutMs,
    get expired() {
      return expired;
    },
    restart: () => timer.refresh(),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
