/** The registry as the host has it. Opened before the rest of it by who answers from the catalog at once. */
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { packageVersion } from '../config/package-version.ts';
import type { LogSink, Registry } from '../registry/contract.ts';
import { openRegistry } from '../registry/index.ts';
import { knownSecrets } from './secret/known.ts';
import { createLearningRedactor, type LearningRedactor } from './secret/learning-redactor.ts';

export interface HostRegistry {
  readonly registry: Registry;
  /** Knows the secrets of the config and of the environment. */
  readonly redactor: LearningRedactor;
}

export interface HostRegistryOptions {
  readonly config: Config;
  readonly homeFolder: string;
  readonly env: Environment;
  readonly log: LogSink;
  /** Told each secret that a login to a server brings, before it is used. */
  readonly onSecrets?: (secrets: readonly string[]) => void;
}

export async function openHostRegistry(options: HostRegistryOptions): Promise<HostRegistry> {
  const { config, homeFolder, env, log } = options;
  const redactor = createLearningRedactor({ known: knownSecrets(config, env) });
  const registry = await openRegistry({
    servers: config.servers,
    homeFolder,
    naming: config.naming,
    maxNameLength: config.maxNameLength,
    sessionLimits: { idleMs: config.serve.http.idleMinutes * 60_000 },
    clientInfo: { name: 'switchyard', version: packageVersion() },
    log,
    redact: (value) => redactor.value(value),
    onSecrets: (secrets) => {
      redactor.learn(secrets);
      options.onSecrets?.(secrets);
    },
  });
  return { registry, redactor };
}
