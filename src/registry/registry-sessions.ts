/** The sessions of clients that are open: what each wants to be logged, and who answers what is asked of it outside of a call. */
import { InFlight } from '../in-flight.ts';
import { DEFAULT_LOG_LEVEL, severityOf } from '../wire/log-level.ts';
import type { InputHandler, RegistrySession, SessionOptions } from './contract.ts';
import type { ManagedServer } from './managed-server.ts';

interface OpenSession {
  readonly onInput: InputHandler | undefined;
  level: string | undefined;
}

/** Those of the moment. */
type Servers = () => readonly Told[];

type Told = Pick<ManagedServer, 'setLogLevel' | 'setSessionLogLevel' | 'rootsChanged' | 'endSession'>;

export class RegistrySessions {
  readonly #open = new InFlight<string, OpenSession>();
  #anyLevel = false;

  open(session: string, { onInput }: SessionOptions, servers: Servers): RegistrySession {
    this.#open.set(session, { onInput, level: undefined });
    return new OpenedSession(this, session, servers);
  }

  setLevel(session: string, level: string, servers: readonly Told[]): void {
    const open = this.#open.get(session);
    if (open === undefined) return;
    open.level = level;
    this.#anyLevel = true;
    for (const server of servers) server.setSessionLogLevel(session, level);
    this.#tellLevel(servers);
  }

  async end(session: string, servers: readonly Told[]): Promise<void> {
    this.#open.delete(session);
    this.#tellLevel(servers);
    await Promise.all(servers.map((server) => server.endSession(session)));
  }

  inputOf(session: string): InputHandler | undefined {
    return this.#open.get(session)?.onInput;
  }

  levelOf(session: string): string | undefined {
    return this.#open.get(session)?.level;
  }

  /** The most verbose level that any of them wants. Undefined as long as none has wanted one. */
  get level(): string | undefined {
    if (!this.#anyLevel) return undefined;
    const levels = [...this.#open.values()].flatMap(({ level }) => (level === undefined ? [] : [level]));
    return levels.sort((left, right) => severityOf(left) - severityOf(right))[0] ?? DEFAULT_LOG_LEVEL;
  }

  #tellLevel(servers: readonly Told[]): void {
    const { level } = this;
    if (level !== undefined) for (const server of servers) server.setLogLevel(level);
  }
}

/** Thousands are open at once, so that it is an object of three fields and no closures. */
class OpenedSession implements RegistrySession {
  readonly #sessions: RegistrySessions;
  readonly #id: string;
  readonly #servers: Servers;

  constructor(sessions: RegistrySessions, id: string, servers: Servers) {
    this.#sessions = sessions;
    this.#id = id;
    this.#servers = servers;
  }

  setLogLevel(level: string): void {
    this.#sessions.setLevel(this.#id, level, this.#servers());
  }

  rootsChanged(): void {
    for (const server of this.#servers()) server.rootsChanged(this.#id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions.end(this.#id, this.#servers());
  }
}
