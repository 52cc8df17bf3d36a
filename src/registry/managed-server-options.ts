import type { JsonObject } from '../json.ts';
import type { Environment } from '../config/environment.ts';
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import type { Connection } from './connection.ts';
import type { ChangeKind } from './connection-options.ts';
import type { InputHandler, LogSink } from './contract.ts';
import type { ProcessGroups } from './process-groups.ts';
import type { RedactValue } from './redact-entries.ts';
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
  readonly onInput: InputHandler | undefined;
  readonly schemas: () => Promise<SchemaChecker>;
  /** Resolves when processes of dead hosts are gone, which may hold this server's files. */
  readonly mayStart: Promise<unknown>;
  readonly onChange: (server: string, kind: ChangeKind | 'status') => void;
  readonly onResourceUpdated: (server: string, uri: string) => void;
  readonly onMessage: (server: string, params: JsonObject) => void;
}

export type Link =
  | { readonly ok: true; readonly connection: Connection }
  | { readonly ok: false; readonly reason: string };
