/** What one server of the 2025 era was told to log: at least what anyone wants. What the others do not want they are not given. */
import { DEFAULT_LOG_LEVEL, severityOf } from '../wire/log-level.ts';

export class ServerLogLevel {
  readonly #tell: (level: string) => Promise<unknown>;
  #level = DEFAULT_LOG_LEVEL;
  #told: Promise<unknown> = Promise.resolve();

  /** `tell`: never rejects. One that refuses a level logs as it likes. */
  constructor(tell: (level: string) => Promise<unknown>) {
    this.#tell = tell;
  }

  set(level: string): void {
    this.#level = level;
    this.#told = this.#tell(level);
  }

  /** Resolves when the server knows that a request wants so much. It stays with that until the level is set again. */
  async atLeast(level: string): Promise<void> {
    const severity = severityOf(level);
    if (severity !== -1 && severity < severityOf(this.#level)) this.set(level);
    await this.#told;
  }
}
