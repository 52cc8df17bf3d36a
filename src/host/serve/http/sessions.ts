/** The sessions of clients of the 2025 era: how many there are, and when one ends by itself. */
import { randomBytes } from 'node:crypto';

import { InFlight } from '../../../in-flight.ts';
import type { JsonObject } from '../../../json.ts';
import type { LogSink } from '../../../registry/contract.ts';
import { ERROR } from '../protocol.ts';
import { LegacySession, type LegacySessionOptions } from './legacy-session.ts';

export interface SessionLimits {
  readonly maxSessions: number;
  readonly idleMinutes: number;
}

export interface SessionsOptions extends Omit<LegacySessionOptions, 'id' | 'principal'> {
  readonly log: LogSink;
}

const TOO_MANY = 'There are too many sessions.';

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #limits: () => SessionLimits;
  /** The one that was not used for the longest time first. */
  readonly #sessions = new InFlight<string, LegacySession>();

  constructor(options: SessionsOptions, limits: () => SessionLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Undefined where there are too many. Before it comes to that, the session ends that was not used for the longest time and has
   * nothing open: its client, where there still is one, begins another. Nobody has all of them while another one wants some.
   */
  open(principal: string | undefined): LegacySession | undefined {
    if (this.#sessions.size >= this.#limits().maxSessions && !this.#endOldest(principal)) return undefined;
    const id = randomBytes(16).toString('hex');
    const session = new LegacySession({ ...this.#options, id, principal });
    this.#sessions.set(id, session);
    return session;
  }

  /** Undefined where there is none of that client with the id. */
  use(id: string, principal: string | undefined): LegacySession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined || session.principal !== principal) return undefined;
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  end(session: LegacySession, why: string): void {
    this.#sessions.delete(session.id);
    session.close(ended(why));
  }

  endIdle(): void {
    const sinceMs = performance.now() - this.#limits().idleMinutes * 60_000;
    for (const session of this.#sessions.values())
      if (session.lastUsedMs < sinceMs) this.#endUnused(session, 'The session was not used for a long time.');
  }

  endStanding(): void {
    for (const session of this.#sessions.values()) session.endStanding();
  }

  endAll(reason: JsonObject): void {
    for (const session of this.#sessions.values()) session.close(reason);
    this.#sessions.clear();
  }

  /** One of the same client where there is one: who opens many ends its own. */
  #endOldest(principal: string | undefined): boolean {
    for (const session of this.#sessions.values()) {
      if (session.isInUse || session.principal !== principal) continue;
      this.#endUnused(session, TOO_MANY);
      return true;
    }
    return this.#endOneOfMost(principal);
  }

  /** Of another client, of that which has most: unused if there is one, else only where the two have not as many as each other. */
  #endOneOfMost(principal: string | undefined): boolean {
    const counts = new Map<string | undefined, number>();
    for (const session of this.#sessions.values())
      counts.set(session.principal, (counts.get(session.principal) ?? 0) + 1);
    const own = counts.get(principal) ?? 0;
    counts.delete(principal);
    for (const [other, count] of [...counts].sort(([, one], [, two]) => two - one)) {
      const sessions = [...this.#sessions.values()].filter((session) => session.principal === other);
      const unused = sessions.find(({ isInUse }) => !isInUse);
      const chosen = unused ?? (count > own + 1 ? sessions[0] : undefined);
      if (chosen === undefined) continue;
      this.#endUnused(chosen, TOO_MANY);
      return true;
    }
    return false;
  }

  #endUnused(session: LegacySession, reason: string): void {
    this.#options.log({ level: 'info', component: 'serve', event: 'session-ended', fields: { reason } });
    this.end(session, reason);
  }
}

function ended(message: string): JsonObject {
  return { code: ERROR.internal, message };
}
