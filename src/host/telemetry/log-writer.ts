/** Hands records to the outlets by way of winston, which it loads late, or directly where the program ends before that. */
import { LEVELS, type LogLevel, type LogRecord } from './log-line.ts';

export interface Outlet {
  /** The least important records that it takes. */
  readonly level: LogLevel;
  readonly write: (record: LogRecord) => void;
}

export interface RecordLogger {
  log(record: LogRecord): void;
  /** Resolves when every outlet has had every record. */
  close(): Promise<void>;
}

export class LogWriter {
  readonly #outlets: readonly Outlet[];
  readonly #loadAfterMs: number;
  /** In order; those that no outlet has seen yet. */
  #waiting: LogRecord[] = [];
  #logger: RecordLogger | undefined;
  #loading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(outlets: readonly Outlet[], loadAfterMs: number) {
    this.#loadAfterMs = loadAfterMs;
    this.#outlets = outlets.map(({ level, write }) => ({
      level,
      write: (record) => {
        const place = this.#waiting.indexOf(record);
        if (place >= 0) this.#waiting.splice(0, place + 1);
        write(record);
      },
    }));
  }

  write(record: LogRecord): void {
    this.#waiting.push(record);
    if (this.#logger !== undefined) this.#logger.log(record);
    else this.#timer ??= setTimeout(() => void this.#load(), this.#loadAfterMs).unref();
  }

  /** Resolves when the outlets have everything. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#loading;
    const logger = this.#logger;
    this.#logger = undefined;
    await logger?.close();
    this.flushSync();
  }

  flushSync(): void {
    for (const record of this.#waiting.splice(0)) {
      for (const { level, write } of this.#outlets) {
        if (LEVELS[record.level] <= LEVELS[level]) write(record);
      }
    }
  }

  #load(): Promise<void> {
    this.#loading ??= import('./winston-logger.ts').then(({ createWinstonLogger }) => {
      const logger = createWinstonLogger(this.#outlets);
      for (const record of [...this.#waiting]) logger.log(record);
      this.#logger = logger;
    });
    return this.#loading;
  }
}
