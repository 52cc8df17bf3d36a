/** What a connection is made with, and what a request on it may say. */
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import type { AuthFailure } from './auth-failure.ts';
import type { Connection } from './connection.ts';
import type { ClientKey } from './session-contract.ts';
import type { ToldMessage } from './session-contract.ts';
import type { InputHandler, LogSink, Progress } from './contract.ts';
import type { ProcessGroups } from './process-groups.ts';
import type { ServerAuth } from './oauth.ts';
import type { Redact } from './redact.ts';

export type TransportKind = 'stdio' | 'http' | 'sse';
export type Era = 'modern' | 'legacy';
export type ChangeKind = 'tools' | 'resources' | 'prompts';

export interface ConnectionOptions {
  readonly definition: StdioDefinition | RemoteDefinition;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly maxMessageBytes: number;
  readonly inherited: Readonly<Record<string, string>>;
  readonly groups: ProcessGroups;
  readonly log: LogSink;
  readonly redact: Redact;
  /** Of a remote server that is not given its credentials by the config. */
  readonly auth?: ServerAuth | undefined;
  /** Answers what the server asks and what belongs to no call. */
  readonly onInput: InputHandler | undefined;
  /** Whether the server is known to ask without saying for which call, and what is told when it is seen to. */
  readonly asks: boolean;
  readonly onAsks: () => void;
  /** It is one client's, and not shared. */
  readonly ofOneClient: boolean;
  readonly onListChanged: (kind: ChangeKind, from: Connection) => void;
  readonly onResourceUpdated: (uri: string) => void;
  /** `owner`: whose call it came with, where the transport tells. */
  readonly onMessage: (message: ToldMessage, owner: string | undefined) => void;
  /** The connection ended without `close` being called; `failure`: because a login is due. */
  readonly onLost: (reason: string, failure?: AuthFailure) => void;
}

export interface SendOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Called immediately before the request is handed to the transport; nothing is sent where it throws. */
  readonly onSend?: () => void;
  readonly onInput?: InputHandler;
  readonly client?: ClientKey;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Handshake {
  readonly kind: TransportKind;
  /** `auto` asks with `server/discover` on the connection itself and falls back to `initialize`. */
  readonly mode: 'auto' | 'legacy';
  readonly probeTimeoutMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
