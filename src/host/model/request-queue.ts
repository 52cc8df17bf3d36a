/** Requests to one provider or model, of all runs of a process: who comes first is asked first, within the limits. */
import type { RequestLimits } from '../../config/model-limits.ts';

export interface Permit {
  /** The provider took the request: nobody has to wait for how this one fares. */
  accepted(): void;
  /** Must be called once. `tokens`: what it took after all. */
  release(tokens?: number): void;
}

interface Waiting {
  readonly tokens: number;
  readonly start: (permit: Permit) => void;
  readonly refuse: (waitMs: number) => void;
}

interface Started {
  readonly atMs: number;
  tokens: number;
}

const MINUTE_MS = 60_000;
/** A provider that asks to wait longer is not waited for: another may answer meanwhile. */
const MAX_PAUSE_MS = 60_000;
/** No word of a provider is believed for longer, such as a time of day that stands where a duration should: then one asks. */
const BELIEVED_MS = 3_600_000;

/** The provider asks to wait longer than anybody would. */
export class WaitRefused extends Error {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`wait of ${waitMs} ms refused`);
    this.waitMs = waitMs;
  }
}

export class RequestQueue {
  readonly #limits: () => RequestLimits;
  /** Of the last minute, oldest first; kept only where a limit counts them. */
  #started: Started[] = [];
  readonly #waiting: Waiting[] = [];
  #active = 0;
  /** Monotonic: nobody asks before, because the provider said so. */
  #pausedUntilMs = 0;
  /** After a pause one request shows whether it is over, before the others go. */
  #trial: 'none' | 'due' | 'under-way' = 'none';
  #timer: NodeJS.Timeout | undefined;

  /** Asked at each request, so that an edit of the config counts at once. */
  constructor(limits: () => RequestLimits) {
    this.#limits = limits;
  }

  get countsTokens(): boolean {
    return this.#limits().tokensPerMinute !== undefined;
  }

  /** In order of asking. Rejects with WaitRefused, and with the signal's reason. */
  acquire(tokens: number, signal: AbortSignal): Permit | Promise<Permit> {
    signal.throwIfAborted();
    if (this.#waiting.length === 0 && this.#waitMs(tokens) === 0) return this.#start(tokens);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const index = this.#waiting.indexOf(waiting);
        if (index !== -1) this.#waiting.splice(index, 1);
        this.#pump();
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        tokens,
        start: (permit) => {
          signal.removeEventListener('abort', leave);
          resolve(permit);
        },
        refuse: (waitMs) => {
          signal.removeEventListener('abort', leave);
          reject(new WaitRefused(waitMs));
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiting);
      this.#pump();
    });
  }

  /** The provider wants to be left alone for so long. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, performance.now() + Math.min(ms, BELIEVED_MS));
    this.#trial = 'due';
    this.#pump();
  }

  #start(tokens: number): Permit {
    const { requestsPerMinute, tokensPerMinute } = this.#limits();
    const started: Started = { atMs: performance.now(), tokens };
    if (requestsPerMinute !== undefined || tokensPerMinute !== undefined) this.#started.push(started);
    this.#active += 1;
    const isTrial = this.#trial === 'due';
    if (isTrial) this.#trial = 'under-way';
    const endTrial = (state: 'none' | 'due'): void => {
      if (isTrial && this.#trial === 'under-way') this.#trial = state;
    };
    return {
      accepted: () => {
        endTrial('none');
        if (isTrial) this.#pump();
      },
      release: (taken) => {
        if (taken !== undefined) started.tokens = taken;
        this.#active -= 1;
        // It was not accepted: the next one tries.
        endTrial('due');
        this.#pump();
      },
    };
  }

  #pump(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const pauseMs = this.#pausedUntilMs - performance.now();
      if (pauseMs > MAX_PAUSE_MS) {
        for (const waiting of this.#waiting.splice(0)) waiting.refuse(pauseMs);
        return;
      }
      const waitMs = this.#waitMs(first.tokens);
      if (waitMs > 0) {
        if (waitMs !== Infinity) this.#timer = setTimeout(() => this.#pump(), Math.ceil(waitMs));
        return;
      }
      this.#waiting.shift();
      first.start(this.#start(first.tokens));
    }
  }

  /** 0: at once. Infinity: until another one ends. */
  #waitMs(tokens: number): number {
    const now = performance.now();
    const { maxConcurrent = Infinity, requestsPerMinute, tokensPerMinute } = this.#limits();
    if (this.#active >= maxConcurrent || this.#trial === 'under-way') return Infinity;
    const firstKept = this.#started.findIndex(({ atMs }) => atMs > now - MINUTE_MS);
    this.#started = firstKept === -1 ? [] : this.#started.slice(firstKept);
    return Math.max(
      0,
      this.#pausedUntilMs - now,
      requestsPerMinute === undefined ? 0 : this.#untilFree(requestsPerMinute - 1, () => 1) - now,
      tokensPerMinute === undefined
        ? 0
        : this.#untilFree(tokensPerMinute - tokens, (started) => started.tokens) - now,
    );
  }

  /** When what was started in the minute before counts no more than `room`; a request of its own size is let through. */
  #untilFree(room: number, countOf: (started: Started) => number): number {
    let left = this.#started.reduce((sum, started) => sum + countOf(started), 0);
    let freeMs = 0;
    for (const started of this.#started) {
      if (left <= room) break;
      left -= countOf(started);
      freeMs = started.atMs + MINUTE_MS;
    }
    return freeMs;
  }
}
