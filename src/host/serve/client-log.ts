/** Which of the servers' log messages a client gets (spec: server/utilities/logging). */
import { type Json, type JsonObject, jsonText } from '../../json.ts';
import type { RequestId } from '../../wire/message.ts';
import { ERROR, META, ProtocolError } from './protocol.ts';

/** The least severe first. */
const LEVELS: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

export class ClientLog {
  /** Of a client of the 2025 era; until it says one, a server decides what it tells. */
  #level: string | undefined;
  readonly #requests = new Map<RequestId, string>();

  /** What servers of the modern era are told with each request of this client. */
  get level(): string {
    return this.#level ?? 'info';
  }

  setLevel(level: Json | undefined): string {
    if (typeof level !== 'string' || severity(level) === -1)
      throw new ProtocolError(ERROR.invalidParams, `The level must be one of ${LEVELS.join(', ')}.`);
    this.#level = level;
    return level;
  }

  /** A modern client wants messages while a request that says so is open. Returns what ends that. */
  during(id: RequestId, meta: JsonObject): () => void {
    const level = meta[META.logLevel];
    if (typeof level === 'string' && severity(level) !== -1) this.#requests.set(id, level);
    return () => this.#requests.delete(id);
  }

  /** `legacy`: whether the client has introduced itself as one of the 2025 era. */
  wants({ level }: JsonObject, legacy: boolean): boolean {
    const given = severity(jsonText(level ?? ''));
    const fits = (least: string): boolean => given >= severity(least);
    if (legacy) return this.#level === undefined || fits(this.#level);
    return [...this.#requests.values()].some(fits);
  }
}

function severity(level: string): number {
  return LEVELS.indexOf(level);
}
