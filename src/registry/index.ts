/** The one door to the MCP servers. Importing it loads no MCP SDK: that waits for the first connection. */
import { environment } from '../config/environment.ts';
import type { Registry, RegistryOptions } from './contract.ts';
import { DEFAULT_MAX_NAME_LENGTH } from '../entry-name.ts';
import { ManagedServer } from './managed-server.ts';
import { ProcessGroups, sweepDeadHosts } from './process-groups.ts';
import { ServerRegistry } from './registry.ts';
import type { RegistryParts } from './registry-parts.ts';
import { DEFAULT_SESSION_LIMITS } from './session-connections.ts';
import type { SchemaChecker } from './schema-check.ts';

export type * from './contract.ts';

const DEFAULT_MAX_MESSAGE_BYTES = 256 * 1_024 * 1_024;
const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;
/** How long the processes of a dead host may take to end after SIGTERM. */
const ORPHAN_DEADLINE_MS = 2_000;

/**
 * Opens the registry over the given servers. It answers from the snapshots of earlier starts at once and starts a
 * server when its entries are unknown or first used. Close it with `await using` or `Symbol.asyncDispose`.
 */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { homeFolder, log } = options;
  const groups = new ProcessGroups(homeFolder, log);
  const swept = sweepDeadHosts(homeFolder, log, ORPHAN_DEADLINE_MS);
  let schemas: Promise<SchemaChecker> | undefined;
  const schemaChecker = (): Promise<SchemaChecker> => {
    schemas ??= import('./schema-check.ts').then(({ SchemaChecker }) => new SchemaChecker());
    return schemas;
  };
  const onSecrets = options.onSecrets ?? (() => undefined);
  const parts: RegistryParts = {
    homeFolder,
    onSecrets,
    definitions: options.servers,
    naming: options.naming ?? 'prefixed',
    maxNameLength: options.maxNameLength ?? DEFAULT_MAX_NAME_LENGTH,
    schemas: schemaChecker,
    createServer: (definition, mayStart, events) =>
      new ManagedServer({
        definition,
        homeFolder,
        clientInfo: options.clientInfo,
        maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
        connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
        environment: environment(),
        groups,
        log,
        redactValue: options.redact ?? ((value) => value),
        onSecrets,
        onInput: options.onInput,
        schemas: schemaChecker,
        sessionLimits: { ...DEFAULT_SESSION_LIMITS, ...options.sessionLimits },
        mayStart: Promise.all([swept, mayStart]),
        ...events,
      }),
    afterClose: async () => {
      await swept;
      groups.close();
    },
  };
  return new ServerRegistry(parts);
}
