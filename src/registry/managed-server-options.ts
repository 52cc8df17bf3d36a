import type { Environment } from '../config/environment.ts';
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import type { AuthFailure } from './auth-failure.ts';
import type { Connection } from './connection.ts';
import type { ChangeKind } from './connection-options.ts';
import type { InputHandler, LogSink, MessageReaders } from './contract.ts';
import type { ToldMessage } from './session-contract.ts';
import type { ProcessGroups } from './process-groups.ts';
import type { RedactValue } from './redact-entries.ts';
import type { RegistrySessions } from './registry-sessions.ts';
import type { SessionLimits } from './session-connections.ts';
import type { SchemaChecker } from './schema-check.ts';

export interface ManagedServerOptions {
  readonly definition: StdioDefinition | RemoteDefinition;
  readonly homeFolder: string;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly maxMessageBytes: number;
  readonly connectTimeoutMs: number;
  readonly environment: Environment;
  readonly groups: ProcessGroups;
  readonly log: LogSink;
  readonly redactValue: RedactValue;
  readonly onSecrets: (secrets: readonly string[]) => void;
  readonly onInput: InputHandler | undefined;
  readonly schemas: () => Promise<SchemaChecker>;
  /** Resolves when processes of dead hosts are gone, which may hold this server's files. */
  readonly mayStart: Promise<unknown>;
  readonly onChange: (server: string, kind: ChangeKind | 'status') => void;
  /** `session`: that has the connection to itself. */
  readonly onResourceUpdated: (server: string, uri: string, session: string | undefined) => void;
  readonly onMessage: (server: string, message: ToldMessage, readers: MessageReaders) => void;
  readonly openSessions: Pick<RegistrySessions, 'inputOf' | 'levelOf'>;
  readonly sessionLimits: SessionLimits;
}

export type Link =
  | { readonly ok: true; readonly connection: Connection }
  | {
      readonly ok: false;
      readonly reason: string;
      /** A login is due, and the reason says how. */
      readonly code?: AuthFailure['code'];
    };
