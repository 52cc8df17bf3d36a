/** Makes the connections of one server, shared and those of sessions alike: what fails for one is not tried at once for the next. */
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import { messageOf } from '../errors.ts';
import { AuthFailure, isLoginDue } from './auth-failure.ts';
import type { Connection } from './connection.ts';
import type { InputHandler } from './contract.ts';
import type { Health } from './health.ts';
import type { ManagedServerOptions } from './managed-server-options.ts';
import type { Redact } from './redact.ts';
import type { ServerCatalog } from './server-catalog.ts';
import type { ServerLogin } from './server-login.ts';

export interface ConnectionMakerOptions {
  readonly server: ManagedServerOptions;
  readonly catalog: ServerCatalog;
  readonly login: ServerLogin;
  readonly redact: Redact;
  /** Aborts when the server is closed. */
  readonly signal: AbortSignal;
  readonly onEnding: (ending: Promise<void>) => void;
}

export interface OpenFor {
  readonly definition: StdioDefinition | RemoteDefinition;
  /** The session that has it to itself. */
  readonly session?: string;
  /** Answers what the server asks and what belongs to no call. */
  readonly onInput: InputHandler | undefined;
  readonly onLost: (reason: string, failure?: AuthFailure) => void;
}

export class ConnectionMaker {
  readonly #options: ConnectionMakerOptions;
  #health: Health | undefined;
  #lastFailure = 'unknown';

  constructor(options: ConnectionMakerOptions) {
    this.#options = options;
  }

  /** How long to wait before the next attempt on one's own. */
  nextDelayMs(): number {
    return this.#health?.nextDelayMs() ?? 0;
  }

  /**
   * Rejects with why there is none, and with when it is tried again where it was not tried; with an AuthFailure where a login
   * is due.
   */
  async open({ definition, session, onInput, onLost }: OpenFor): Promise<Connection> {
    const { server, catalog, login, redact, signal, onEnding } = this.#options;
    const { name } = definition;
    const { due } = login;
    if (due !== undefined) throw due;
    const [{ openConnection }, { AttemptRefused, Health: ServerHealth }, { inheritedEnvironment }, auth] =
      await Promise.all([
        import('./open-connection.ts'),
        import('./health.ts'),
        import('./child-process.ts'),
        login.open(definition),
        server.mayStart,
      ]);
    this.#health ??= new ServerHealth();
    try {
      const connection = await this.#health.attempt(() =>
        openConnection({
          ...server,
          definition,
          auth,
          redact,
          signal,
          onInput,
          onLost,
          onEnding,
          verdict: catalog.snapshot,
          inherited: inheritedEnvironment(server.environment),
          ofOneClient: session !== undefined,
          asks: catalog.asks,
          onAsks: () => catalog.noteAsks(),
          onListChanged: (kind, from) => void catalog.list([kind], from),
          onResourceUpdated: (uri) => server.onResourceUpdated(name, uri, session),
          onMessage: ({ method, params }, owner) =>
            server.onMessage(
              name,
              { method, params: server.redactValue(params) },
              { ...(session !== undefined && { session }), ...(owner !== undefined && { owner }) },
            ),
          // A server that waits for a login is in good health.
        }).catch(loginDue),
      );
      if (connection instanceof AuthFailure) throw connection;
      if (connection.closed)
        throw new Error(`It ended right after the handshake (${connection.exitReason ?? 'closed'}).`);
      return connection;
    } catch (error) {
      if (error instanceof AttemptRefused)
        throw new Error(`${error.message} The last reason: ${this.#lastFailure}`);
      if (isLoginDue(error)) throw error;
      this.#lastFailure = messageOf(error);
      throw error;
    }
  }
}

function loginDue(error: unknown): AuthFailure {
  if (isLoginDue(error)) return error;
  throw error;
}
