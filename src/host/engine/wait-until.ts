/** Also what a timer of Node can wait at most (2^31 ms) is far more than this. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Resolves when the wall clock shows `untilMs`, when `longestMs` have passed, or when the signal aborts. Timers stand still
 * while a computer sleeps, so that the clock is looked at again and again; and it may be set back, so that it alone is not
 * believed either.
 */
export async function waitUntil(untilMs: number, longestMs: number, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  for (;;) {
    const leftMs = Math.min(untilMs - Date.now(), longestMs - (performance.now() - started));
    if (leftMs <= 0 || signal.aborted) return;
    await timer(Math.min(leftMs, LOOK_AGAIN_MS), signal);
  }
}

/** Its signal aborts when `waitUntil` would resolve, unless it is disposed of before. */
export function openDeadline(
  untilMs: number,
  longestMs: number,
): Disposable & { readonly signal: AbortSignal } {
  const given = new AbortController();
  const reached = new AbortController();
  void waitUntil(untilMs, longestMs, given.signal).then(() => {
    if (!given.signal.aborted) reached.abort();
  });
  return { signal: reached.signal, [Symbol.dispose]: () => given.abort() };
}

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timeout);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timeout = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
