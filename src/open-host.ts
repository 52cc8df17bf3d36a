/** A host for a program of one's own, with config, state folder and log where the command line has them. */
import { fileURLToPath } from 'node:url';

import { environment, homeFolder } from './config/environment.ts';
import { loadConfig } from './config/load-config.ts';
import { createHost, type Host, type HostOptions } from './host/host.ts';
import type { TypedHost } from './host/typed-host.ts';
import type { Workflows } from './host/workflow/registered.ts';
import { createLog } from './host/telemetry/log.ts';

export interface OpenHostOptions
  extends Partial<Omit<HostOptions, 'config' | 'log' | 'opened' | 'onConfig' | 'onSecrets'>> {
  /** A file, by its URL or by its path from the working folder; without it the command line's places are searched. */
  readonly config?: string | URL;
}

/**
 * `homeFolder` is SWITCHYARD_HOME, else the platform's; `workingFolder` is where the program was started. Warnings are told
 * on standard error, and everything in `logs/` of the home folder. Rejects with HostError `config-invalid`, and
 * `config-untrusted` for a config that was only found in the working folder and not accepted by anybody.
 */
export function openHost<Given extends Workflows>(
  options: OpenHostOptions & { readonly workflows: Given },
): Promise<TypedHost<Given>>;
export function openHost(options?: OpenHostOptions): Promise<Host>;
export async function openHost({ config: named, ...options }: OpenHostOptions = {}): Promise<Host> {
  const { homeFolder: home = homeFolder(), workingFolder = process.cwd(), env = environment() } = options;
  const configFile = named instanceof URL ? fileURLToPath(named) : named;
  const config = await loadConfig({
    homeFolder: home,
    workingFolder,
    env,
    ...(configFile === undefined ? {} : { configFile }),
  });
  const log = createLog({ homeFolder: home, settings: config.logs, env, config, fileOnly: ['run'] });
  const host = await createHost({
    ...options,
    config,
    homeFolder: home,
    workingFolder,
    env,
    log: log.sink,
    onSecrets: (secrets) => log.learn(secrets),
    onConfig: (changed) => log.use(changed),
  });
  const close = host[Symbol.asyncDispose];
  return Object.assign(host, {
    async [Symbol.asyncDispose]() {
      await close();
      await log.close();
    },
  });
}
