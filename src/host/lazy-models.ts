/** Models, loaded when a run first needs one: listing tools does not. */
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { LocalEngines } from './model/local-engine.ts';
import type { ProviderGates } from './model/provider-gates.ts';
import type { ModelSet } from './model/resolve.ts';

export async function resolveConfigured(
  configured: Config['models'],
  { env, homeFolder }: { readonly env: Environment; readonly homeFolder: string },
  { localEngines, gates }: { readonly localEngines: LazyEngines; readonly gates: ProviderGates },
): Promise<ModelSet> {
  const { resolveModels } = await import('./model/resolve.ts');
  const local = { homeFolder, engines: await localEngines.open() };
  return resolveModels({ configured, env, local, gates });
}

/** Models in this process, kept for as long as the host, whatever the config makes of them meanwhile. */
export class LazyEngines implements AsyncDisposable {
  readonly #homeFolder: string;
  #engines: Promise<LocalEngines> | undefined;

  constructor(homeFolder: string) {
    this.#homeFolder = homeFolder;
  }

  open(): Promise<LocalEngines> {
    this.#engines ??= this.#load();
    return this.#engines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#engines)?.[Symbol.asyncDispose]();
  }

  async #load(): Promise<LocalEngines> {
    const { createLocalEngines } = await import('./model/local-engine.ts');
    const { loadLlamaModule } = await import('./model/local-runtime.ts');
    return createLocalEngines(() => loadLlamaModule(this.#homeFolder));
  }
}
