/** Models, loaded when a run first needs one: listing tools does not. */
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { LocalEngines } from './model/local-engine.ts';
import type { ProviderGates } from './model/provider-gates.ts';
import type { ModelSet } from './model/resolve.ts';
import type { LatencyBook } from './model/routing/latency-book.ts';

/** What outlives an edit of the config. */
export interface SharedByModels {
  readonly localEngines: LazyEngines;
  readonly gates: ProviderGates;
  readonly latencies: LatencyBook;
}

export async function resolveConfigured(
  configured: Config['models'],
  { env, homeFolder }: { readonly env: Environment; readonly homeFolder: string },
  { localEngines, gates, latencies }: SharedByModels,
): Promise<ModelSet> {
  const { resolveModels } = await import('./model/resolve.ts');
  const { requestTokens } = await import('./agent/expected-cost.ts');
  const local = { homeFolder, engines: await localEngines.open() };
  return resolveModels({ configured, env, local, gates, routing: { latencies, estimate: requestTokens } });
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
