/**
 * Whose calls are in flight at a server of the 2025 era, so that a question in which nothing says for which call it is
 * finds the one who is to answer it, or nobody. See docs/decisions/0021.
 */
export type Turn = 'now' | 'too-late' | 'cancelled';

export interface TurnRequest {
  readonly owner: string;
  readonly signal: AbortSignal | undefined;
  readonly waitMs: number;
}

interface Waiting {
  readonly owner: string;
  readonly sinceMs: number;
  readonly admit: () => void;
}

/** Somebody has been asked, and has not answered. */
interface Asked {
  readonly owner: string;
  readonly sinceMs: number;
  readonly takeBack: () => void;
}

interface OpenQuestion {
  readonly possible: Set<string>;
  readonly decide: (owner: string | undefined) => void;
}

export interface CallTurnsOptions {
  /** Whether it is known to ask: then the calls of one owner wait for those of another. */
  readonly asks: boolean;
  /** Resolves when the server has read what was sent to it before, or does not say so. Never rejects. */
  readonly settled: () => Promise<void>;
  /** How long a question may wait until one owner alone is left; 10 s by default. */
  readonly questionMs?: number;
  /** How long somebody else waits for an owner who was asked and does not answer; 30 s by default. */
  readonly patienceMs?: number;
}

const QUESTION_MS = 10_000;
/** Clients give a call up after a minute. */
const PATIENCE_MS = 30_000;
const MAX_ABANDONED = 64;

export class CallTurns {
  readonly #settled: () => Promise<void>;
  readonly #questionMs: number;
  readonly #patienceMs: number;
  readonly #open = new Map<string, number>();
  /** Owners of calls that ended without an answer, and when the last of them did: the server may be at work on them. */
  readonly #abandoned = new Map<string, number>();
  readonly #asked = new Set<Asked>();
  readonly #questions: OpenQuestion[] = [];
  readonly #waiting: Waiting[] = [];
  #asks: boolean;
  #settling = false;
  #endings = 0;

  constructor({ asks, settled, questionMs = QUESTION_MS, patienceMs = PATIENCE_MS }: CallTurnsOptions) {
    this.#asks = asks;
    this.#settled = settled;
    this.#questionMs = questionMs;
    this.#patienceMs = patienceMs;
  }

  get asks(): boolean {
    return this.#asks;
  }

  /** From now on the calls of one owner wait for those of another. */
  takeTurns(): void {
    this.#asks = true;
  }

  /** Undefined where the call may be sent at once; it counts as in flight from then on, until `leave`. */
  enter(request: TurnRequest): Promise<Turn> | undefined {
    if (!this.#mayJoin(request.owner)) return this.#wait(request);
    count(this.#open, request.owner, 1);
    return undefined;
  }

  leave(owner: string, { answered }: { readonly answered: boolean }): void {
    count(this.#open, owner, -1);
    if (!answered) this.#abandoned.set(owner, ++this.#endings);
    if (answered && !this.#open.has(owner)) {
      for (const { possible, decide } of [...this.#questions]) {
        possible.delete(owner);
        if (possible.size <= 1) decide([...possible][0]);
      }
    }
    this.#giveUpOneIfStuck();
    if (this.#abandoned.size > MAX_ABANDONED) void this.#settle();
    this.#next();
  }

  /** Whose question it is: of the only owner with calls in flight, or left of several. Undefined where that cannot be told. */
  async ownerOfQuestion(signal: AbortSignal): Promise<string | undefined> {
    const possible = new Set([...this.#open.keys(), ...this.#abandoned.keys()]);
    if (possible.size <= 1) return this.#ifOpen([...possible][0]);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const question: OpenQuestion = {
      possible,
      decide: (owner) => {
        const at = this.#questions.indexOf(question);
        if (at !== -1) this.#questions.splice(at, 1);
        resolve(owner);
      },
    };
    const giveUp = (): void => question.decide(undefined);
    const timer = setTimeout(giveUp, this.#questionMs);
    signal.addEventListener('abort', giveUp, { once: true });
    this.#questions.push(question);
    this.#giveUpOneIfStuck();
    try {
      return this.#ifOpen(await promise);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /**
   * The owner is asked until the function that is returned is called. `takeBack` is called where the question is open for long
   * and somebody else has been waiting for as long.
   */
  asking(owner: string, takeBack: () => void): () => void {
    const asked = { owner, sinceMs: performance.now(), takeBack };
    this.#asked.add(asked);
    const timer = this.#lookLater();
    return () => {
      clearTimeout(timer);
      this.#asked.delete(asked);
    };
  }

  /** The connection has ended: whoever waits for a turn goes on, and is told so by the connection. */
  close(): void {
    for (const { admit } of this.#waiting.splice(0)) admit();
    for (const { decide } of [...this.#questions]) decide(undefined);
  }

  #ifOpen(owner: string | undefined): string | undefined {
    return owner !== undefined && this.#open.has(owner) ? owner : undefined;
  }

  /** Where each call waits for an answer to a question, none ends by itself: the last one asked is refused. */
  #giveUpOneIfStuck(): void {
    const openCalls = [...this.#open.values()].reduce((sum, count) => sum + count, 0);
    if (this.#questions.length >= Math.max(openCalls, 1)) this.#questions.at(-1)?.decide(undefined);
  }

  /** Whoever waits comes first, but not before an owner who is being asked: its answer may take another call. */
  #mayJoin(owner: string): boolean {
    if (!this.#asks) return true;
    if (!only(this.#open, owner)) return false;
    if (this.#open.size > 0 && this.#isAsked(owner)) return true;
    return !this.#settling && this.#waiting.length === 0 && only(this.#abandoned, owner);
  }

  #isAsked(owner: string): boolean {
    return [...this.#asked].some((asked) => asked.owner === owner);
  }

  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => this.#takeBack(), this.#patienceMs);
  }

  /** Nobody keeps a server from all others by not answering it. */
  #takeBack(): void {
    // Timers fire a little early.
    const longAgo = performance.now() - this.#patienceMs + 5;
    const waiting = this.#waiting.filter(({ sinceMs }) => sinceMs <= longAgo);
    for (const { owner, sinceMs, takeBack } of [...this.#asked])
      if (sinceMs <= longAgo && waiting.some((other) => other.owner !== owner)) takeBack();
  }

  async #wait({ owner, signal, waitMs }: TurnRequest): Promise<Turn> {
    const admitted = Promise.withResolvers<Turn>();
    const waiting: Waiting = {
      owner,
      sinceMs: performance.now(),
      admit: () => {
        count(this.#open, owner, 1);
        admitted.resolve('now');
      },
    };
    const giveUp = (turn: Turn): void => {
      const at = this.#waiting.indexOf(waiting);
      if (at === -1) return;
      this.#waiting.splice(at, 1);
      admitted.resolve(turn);
    };
    const onAbort = (): void => giveUp('cancelled');
    const timer = setTimeout(() => giveUp('too-late'), waitMs);
    const impatient = this.#lookLater();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(waiting);
    if (signal?.aborted === true) onAbort();
    else this.#next();
    try {
      return await admitted.promise;
    } finally {
      clearTimeout(timer);
      clearTimeout(impatient);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Lets the owner who waits the longest go on, with all that it waits for. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#settling || !only(this.#open, first.owner)) return;
    if (!only(this.#abandoned, first.owner)) {
      void this.#settle();
      return;
    }
    for (const waiting of this.#waiting.filter(({ owner }) => owner === first.owner)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.admit();
    }
  }

  /** A server that has read of a cancellation asks nothing more for that call. */
  async #settle(): Promise<void> {
    if (this.#settling) return;
    this.#settling = true;
    const endings = this.#endings;
    await this.#settled();
    for (const [owner, ending] of this.#abandoned) if (ending <= endings) this.#abandoned.delete(owner);
    this.#settling = false;
    this.#next();
  }
}

function only(owners: ReadonlyMap<string, number>, owner: string): boolean {
  return owners.size === 0 || (owners.size === 1 && owners.has(owner));
}

function count(counts: Map<string, number>, owner: string, by: 1 | -1): void {
  const next = (counts.get(owner) ?? 0) + by;
  if (next > 0) counts.set(owner, next);
  else counts.delete(owner);
}
