/** For which client of ours servers are asked, and what of it they tell. Types only. */
import type { JsonObject } from '../json.ts';
import type { InputHandler } from './contract.ts';

export interface ClientKey {
  /** Of the client: servers with `isolation: "session"` have a connection of their own for each. */
  readonly session: string;
  /**
   * Who is asked where a server does not say for which call it asks: one owner's calls may be taken for one another, those
   * of two never. The session where it is left out.
   */
  readonly owner?: string;
}

export interface SubscribeOptions {
  /**
   * The server watches it from now on; again after each time that its connection was lost. What changed meanwhile is told by
   * nobody.
   */
  readonly onOpened?: () => void;
  /** The connection was lost, and for this reason there is none at the moment. It goes on trying. */
  readonly onUnavailable?: (reason: string) => void;
  readonly client?: ClientKey;
}

export interface SessionOptions {
  /** Answers what the session's own connections ask outside of its calls. Without it that is declined. */
  readonly onInput?: InputHandler;
}

export interface RegistrySession extends AsyncDisposable {
  /**
   * What servers of the 2025 era are to log for it: shared ones log the most that any session wants. Servers of the modern
   * era are told by each request.
   */
  setLogLevel(level: string): void;
  /** Told to the connections that are its own. */
  rootsChanged(): void;
}

/** Whom a message is for, where it is not for all. */
export interface MessageReaders {
  /** The session that has the connection to itself. */
  readonly session?: string;
  /** Whose call it came with. */
  readonly owner?: string;
}

/** As the server sent it: what it logs, or that a person is through with one of its URLs. */
export interface ToldMessage {
  readonly method: 'notifications/message' | 'notifications/elicitation/complete';
  readonly params: JsonObject;
}

export interface ServerMessage extends ToldMessage, MessageReaders {
  readonly server: string;
}
