/** Which of the servers' log messages a client gets (spec: server/utilities/logging). */
import { InFlight } from '../../in-flight.ts';
import { type Json, type JsonObject, jsonText } from '../../json.ts';
import { DEFAULT_LOG_LEVEL, LOG_LEVELS, severityOf } from '../../wire/log-level.ts';
import type { RequestId } from '../../wire/message.ts';
import { ERROR, META, ProtocolError } from './protocol.ts';

export class ClientLog {
  /** Of a client of the 2025 era. */
  #level: string | undefined;
  readonly #requests = new InFlight<RequestId, string>();

  /** What the client is given, and what servers of the modern era are told with each of its requests. */
  get level(): string {
    return this.#level ?? DEFAULT_LOG_LEVEL;
  }

  setLevel(level: Json | undefined): string {
    if (typeof level !== 'string' || severityOf(level) === -1)
      throw new ProtocolError(ERROR.invalidParams, `The level must be one of ${LOG_LEVELS.join(', ')}.`);
    this.#level = level;
    return level;
  }

  /** A modern client wants messages while a request that says so is open. Returns what ends that. */
  during(id: RequestId, meta: JsonObject): () => void {
    const level = meta[META.logLevel];
    if (typeof level === 'string' && severityOf(level) !== -1) this.#requests.set(id, level);
    return () => this.#requests.delete(id);
  }

  /** `legacy`: whether the client has introduced itself as one of the 2025 era. */
  wants({ level }: JsonObject, legacy: boolean): boolean {
    const given = severityOf(jsonText(level ?? ''));
    const fits = (least: string): boolean => given >= severityOf(least);
    if (legacy) return fits(this.level);
    return [...this.#requests.values()].some(fits);
  }
}
