/**
 * The URLs to which a client of the 2025 era was led. Servers tell when a person is through with one, and only whoever was led
 * to it is to hear that (spec 2025-11-25: client/elicitation, "Completion Notifications").
 */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { ERROR } from './protocol.ts';

/** What is forgotten was asked long before. */
const MAX_KEPT = 1_000;

export class AskedUrls {
  /** Most clients are never led anywhere. */
  #ids: Set<string> | undefined;

  /** `params` of an elicitation. */
  note({ elicitationId }: JsonObject): void {
    if (typeof elicitationId !== 'string') return;
    this.#ids ??= new Set();
    this.#ids.add(elicitationId);
    const [oldest] = this.#ids;
    if (this.#ids.size > MAX_KEPT && oldest !== undefined) this.#ids.delete(oldest);
  }

  /** An error with which a server refuses a request until a person has been at its URLs. */
  noteRefusal({ code, data }: JsonObject): void {
    if (code !== ERROR.urlRequired || !isJsonObject(data)) return;
    const { elicitations } = data;
    if (!Array.isArray(elicitations)) return;
    for (const elicitation of elicitations as readonly Json[])
      if (isJsonObject(elicitation)) this.note(elicitation);
  }

  /** Whether this client was led there; each is told once. */
  take({ elicitationId }: JsonObject): boolean {
    return typeof elicitationId === 'string' && this.#ids?.delete(elicitationId) === true;
  }
}
