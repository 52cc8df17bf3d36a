/** The sessions of clients that are open: what each wants to be logged, and who answers what is asked of it outside of a call. */
import { DEFAULT_LOG_LEVEL, severityOf } from '../wire/log-level.ts';
import type { InputHandler, RegistrySession, SessionOptions } from './contract.ts';
import type { ManagedServer } from './managed-server.ts';

interface OpenSession {
  readonly onInput: InputHandler | undefined;
  level: string | undefined;
}

type Told = Pick<ManagedServer, 'setLogLevel' | 'setSessionLogLevel' | 'rootsChanged' | 'endSession'>;

export class RegistrySessions {
  readonly #open = new Map<string, OpenSession>();
  #anyLevel = false;

  /** `servers`: those of the moment. */
  open(session: string, { onInput }: SessionOptions, servers: () => readonly Told[]): RegistrySession {
    const open: OpenSession = { onInput, level: undefined };
    this.#open.set(session, open);
    const tellLevel = (): void => {
      const { level } = this;
      if (level !== undefined) for (const server of servers()) server.setLogLevel(level);
    };
    return {
      setLogLevel: (level) => {
        open.level = level;
        this.#anyLevel = true;
        for (const server of servers()) server.setSessionLogLevel(session, level);
        tellLevel();
      },
      rootsChanged: () => {
        for (const server of servers()) server.rootsChanged(session);
      },
      [Symbol.asyncDispose]: async () => {
        this.#open.delete(session);
        tellLevel();
        await Promise.all(servers().map((server) => server.endSession(session)));
      },
    };
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
}
