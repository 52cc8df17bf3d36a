/** The connections of one server that clients do not share: one for each of their sessions (`isolation: "session"`). */
import { messageOf } from '../errors.ts';
import { isLoginDue } from './auth-failure.ts';
import type { Connection } from './connection.ts';
import type { LogEntry, LogSink } from './contract.ts';
import type { Link } from './managed-server-options.ts';

export interface SessionConnectionsOptions {
  readonly server: string;
  /** Rejects with why it cannot be made. `onLost` is told when it ended without `close`. */
  readonly open: (session: string, onLost: (reason: string) => void) => Promise<Connection>;
  readonly limits: SessionLimits;
  readonly log: LogSink;
}

export interface SessionLimits {
  /** Connections at once. */
  readonly most: number;
  /** One that is not used for so long ends. */
  readonly idleMs: number;
  /** Where there are too many, one that was not used for so long gives way. */
  readonly yieldMs: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = { most: 100, idleMs: 30 * 60_000, yieldMs: 60_000 };

interface Held {
  readonly opening: Promise<Link>;
  connection: Connection | undefined;
  timer: NodeJS.Timeout | undefined;
}

export class SessionConnections {
  readonly #options: SessionConnectionsOptions;
  readonly #held = new Map<string, Held>();
  readonly #endings = new Set<Promise<void>>();
  #closed = false;

  constructor(options: SessionConnectionsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#held.size;
  }

  /** The connection of the session, made where there is none. Never rejects. */
  async connect(session: string): Promise<Link> {
    const held = this.#held.get(session);
    if (held !== undefined) {
      held.connection?.touch();
      return held.opening;
    }
    if (this.#closed) return { ok: false, reason: 'The host is closing.' };
    const { most } = this.#options.limits;
    if (this.#held.size >= most && !this.#yieldOne()) {
      const reason = `${most} sessions of clients have a connection of their own to it, which is the most there may be. End one of them.`;
      return { ok: false, reason };
    }
    return this.#open(session);
  }

  /** Of a session that has one: the level of what it logs. */
  setLogLevel(session: string, level: string): void {
    this.#held.get(session)?.connection?.logLevel?.set(level);
  }

  rootsChanged(session: string): void {
    this.#held.get(session)?.connection?.tellRootsChanged();
  }

  /** Ends the connection of the session; resolves when nothing of it is left. */
  async end(session: string): Promise<void> {
    const held = this.#held.get(session);
    if (held === undefined) return;
    this.#held.delete(session);
    clearTimeout(held.timer);
    const ending = held.opening.then(async (link) => {
      if (link.ok) await link.connection.close();
    });
    this.#track(ending);
    await ending;
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((session) => this.end(session)));
    await Promise.all(this.#endings);
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.endAll();
  }

  #open(session: string): Promise<Link> {
    const { promise, resolve } = Promise.withResolvers<Link>();
    const held: Held = { opening: promise, connection: undefined, timer: undefined };
    this.#held.set(session, held);
    void this.#connect(session, held).then(resolve);
    return promise;
  }

  async #connect(session: string, held: Held): Promise<Link> {
    try {
      const connection = await this.#options.open(session, (reason) => this.#lost(session, held, reason));
      held.connection = connection;
      const { processId } = connection;
      this.#log('info', 'session-connected', {
        open: this.#held.size,
        ...(processId !== undefined && { pid: processId }),
      });
      if (this.#held.get(session) === held) this.#endWhenIdle(session, held, connection);
      return { ok: true, connection };
    } catch (error) {
      if (this.#held.get(session) === held) this.#held.delete(session);
      const { code } = isLoginDue(error) ? error : {};
      return { ok: false, reason: messageOf(error), ...(code !== undefined && { code }) };
    }
  }

  /** The next call connects it afresh. */
  #lost(session: string, held: Held, reason: string): void {
    this.#log('warn', 'session-lost', { reason });
    if (this.#held.get(session) === held) this.#held.delete(session);
    clearTimeout(held.timer);
    if (held.connection !== undefined) this.#track(held.connection.close());
  }

  #endWhenIdle(session: string, held: Held, connection: Connection): void {
    const { idleMs } = this.#options.limits;
    held.timer = setTimeout(
      () => {
        if (connection.idleMs >= idleMs) void this.end(session);
        else this.#endWhenIdle(session, held, connection);
      },
      Math.max(idleMs - connection.idleMs, 1),
    );
    held.timer.unref();
  }

  /** The one that was not used for the longest time gives way. */
  #yieldOne(): boolean {
    const { yieldMs } = this.#options.limits;
    const idle = [...this.#held]
      .map(([session, { connection }]) => ({ session, idleMs: connection?.idleMs ?? 0 }))
      .filter(({ idleMs }) => idleMs > 0 && idleMs >= yieldMs)
      .sort((left, right) => right.idleMs - left.idleMs);
    const [longest] = idle;
    if (longest === undefined) return false;
    void this.end(longest.session);
    return true;
  }

  #track(ending: Promise<void>): void {
    this.#endings.add(ending);
    void ending.finally(() => this.#endings.delete(ending));
  }

  #log(level: LogEntry['level'], event: string, fields: NonNullable<LogEntry['fields']>): void {
    const { log, server } = this.#options;
    log({ level, component: 'registry', event, server, fields });
  }
}
