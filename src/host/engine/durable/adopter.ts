import { messageOf } from '../../../errors.ts';
import type { LogSink } from '../../../registry/contract.ts';
import type { ResumeOptions } from '../engine.ts';

export interface AdopterOptions {
  /** Runs that nobody works on. */
  readonly orphans: () => Promise<readonly string[]>;
  /** Goes on with one; resolves when it is under way, or at its end again. */
  readonly resume: (runId: string, options: Pick<ResumeOptions, 'reason' | 'onWait'>) => Promise<unknown>;
  readonly log: LogSink;
}

const INTERVAL_MS = 1_000;
/** A run that cannot go on, such as on a full disk, is tried again later and later. */
const MAX_DELAY_MS = 60_000;

/** Lets a long-lived host go on with runs whose own host is gone. */
export class Adopter implements AsyncDisposable {
  readonly #options: AdopterOptions;
  readonly #delays = new Map<string, { readonly delayMs: number; readonly untilMs: number }>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(options: AdopterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
    this.#timer.unref();
    this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  #look(): void {
    this.#looking ??= this.#adoptAll().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Never rejects. */
  async #adoptAll(): Promise<void> {
    const { orphans, resume, log } = this.#options;
    const warn = (event: string, error: unknown, run?: string): void =>
      log({
        level: 'warn',
        component: 'engine',
        event,
        ...(run === undefined ? {} : { run }),
        fields: { reason: messageOf(error) },
      });
    const found = await orphans().catch((error: unknown) => {
      warn('runs-not-listed', error);
      return [] as string[];
    });
    for (const id of this.#delays.keys()) if (!found.includes(id)) this.#delays.delete(id);
    for (const id of found) {
      const { untilMs = 0, delayMs = INTERVAL_MS } = this.#delays.get(id) ?? {};
      if (this.#closed || performance.now() < untilMs) continue;
      const nextMs = Math.min(delayMs * 2, MAX_DELAY_MS);
      this.#delays.set(id, { delayMs: nextMs, untilMs: performance.now() + nextMs });
      // One that waits for a person is left again, so that its time limit stands still meanwhile.
      await resume(id, { reason: 'adopted', onWait: 'leave' }).catch((error: unknown) =>
        warn('run-not-adopted', error, id),
      );
    }
  }
}
