/** What a registry is made of. */
import type { Naming } from '../config/config.ts';
import type { RemoteDefinition, ServerDefinition, StdioDefinition } from '../config/server-definition.ts';
import type { CatalogChange, MessageReaders, ServerStatus } from './contract.ts';
import type { ToldMessage } from './session-contract.ts';
import type { ManagedServer } from './managed-server.ts';
import type { RegistrySessions } from './registry-sessions.ts';
import type { SchemaChecker } from './schema-check.ts';

export interface RegistryParts {
  readonly definitions: readonly ServerDefinition[];
  readonly naming: Naming;
  readonly maxNameLength: number;
  readonly homeFolder: string;
  readonly onSecrets: (secrets: readonly string[]) => void;
  readonly schemas: () => Promise<SchemaChecker>;
  /** Makes a server that can be connected. It starts nothing before `mayStart` resolves. */
  readonly createServer: (
    definition: ConnectableDefinition,
    mayStart: Promise<unknown>,
    events: ServerEvents,
  ) => ManagedServer;
  /** Runs when every server has stopped. */
  readonly afterClose: () => Promise<void>;
}

export type ConnectableDefinition = StdioDefinition | RemoteDefinition;

/** What servers are given of the registry. */
export interface ServerEvents {
  readonly onChange: (server: string, kind: CatalogChange['kind']) => void;
  readonly onResourceUpdated: (server: string, uri: string, session: string | undefined) => void;
  readonly onMessage: (server: string, message: ToldMessage, readers: MessageReaders) => void;
  readonly openSessions: Pick<RegistrySessions, 'inputOf' | 'levelOf'>;
}

export function isConnectable(definition: ServerDefinition): definition is ConnectableDefinition {
  return !definition.disabled && definition.type !== 'invalid';
}

export function unconnectable(definition: ServerDefinition): ServerStatus {
  const invalid = definition.type === 'invalid';
  return {
    name: definition.name,
    state: definition.disabled ? 'disabled' : 'failed',
    ...(invalid && { reason: definition.reason }),
    transport: invalid ? 'none' : definition.type,
    counts: { tools: 0, resources: 0, prompts: 0 },
    fromSnapshot: false,
    notices: [],
  };
}
