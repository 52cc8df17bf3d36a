/** Deletes runs beyond the limits of the config while a host is open: nobody waits for it. */
import type { RunsSettings } from '../config/runs-settings.ts';
import { messageOf } from '../errors.ts';
import type { LogSink } from '../registry/contract.ts';
import type { RunArchive, RunLimits } from './run-archive.ts';

export interface RetentionOptions {
  /** Those of the moment. */
  readonly settings: () => RunsSettings;
  readonly archive: Pick<RunArchive, 'beyond' | 'delete'>;
  readonly log: LogSink;
  /** How long after the start it is looked at for the first time. */
  readonly firstMs?: number;
}

/** A host that ends sooner has other things to do. */
const FIRST_MS = 10_000;
const INTERVAL_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

export class Retention implements AsyncDisposable {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => {
      this.#look();
      this.#timer = setInterval(() => this.#look(), INTERVAL_MS).unref();
    }, options.firstMs ?? FIRST_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#looking.then(() => this.#prune());
  }

  /** Never rejects. */
  async #prune(): Promise<void> {
    const { settings, archive, log } = this.#options;
    const limits = limitsOf(settings());
    if (limits === undefined) return;
    try {
      const beyond = await archive.beyond(limits);
      if (beyond.length === 0) return;
      // Overwriting the file as a whole would hold up everything else; `runs prune` does it.
      await archive.delete(
        beyond.map(({ id }) => id),
        { erase: false },
      );
      const fields = {
        runs: beyond.length,
        bytes: beyond.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      };
      log({ level: 'info', component: 'engine', event: 'runs-pruned', fields });
    } catch (error) {
      const fields = { reason: messageOf(error) };
      log({ level: 'warn', component: 'engine', event: 'runs-not-pruned', fields });
    }
  }
}

/** Undefined where runs are kept for good. */
export function limitsOf({ keepDays, maxBytes }: RunsSettings): RunLimits | undefined {
  if (keepDays === undefined && maxBytes === undefined) return undefined;
  return {
    ...(keepDays === undefined ? {} : { maxAgeMs: keepDays * DAY_MS }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  };
}
