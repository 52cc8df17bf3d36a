/** Models, loaded when a run first needs one: listing tools does not. */
import { resolve } from 'node:path';

import type { Config } from '../config/config.ts';
import type { JsonObject } from '../json.ts';
import type { HostOptions } from './contract.ts';
import type { Tape } from './model/cassette/cassette.ts';
import type { LocalEngines } from './model/local-engine.ts';
import type { ProviderGates } from './model/provider-gates.ts';
import type { ModelSet } from './model/resolve.ts';
import type { LatencyBook } from './model/routing/latency-book.ts';

/** What outlives an edit of the config. */
export interface SharedByModels {
  readonly localEngines: LazyEngines;
  readonly gates: ProviderGates;
  readonly latencies: LatencyBook;
  /** What no cassette may hold. */
  readonly secrets: () => readonly string[];
}

type ModelOptions = Pick<HostOptions, 'env' | 'homeFolder' | 'workingFolder' | 'cassette'>;

export async function resolveConfigured(
  configured: Config['models'],
  options: ModelOptions,
  { localEngines, gates, latencies, secrets }: SharedByModels,
): Promise<ModelSet> {
  const { resolveModels } = await import('./model/resolve.ts');
  const { requestTokens } = await import('./agent/expected-cost.ts');
  const { env, homeFolder } = options;
  const local = { homeFolder, engines: await localEngines.open() };
  const routing = { latencies, estimate: requestTokens, problems: schemaProblems };
  const tape = await openTape(options, secrets);
  if (tape === undefined) return resolveModels({ configured, env, local, gates, routing });
  const { cassetteModels, onTape } = await import('./model/cassette/cassette.ts');
  const played = { play: (model: Parameters<typeof onTape>[0]) => onTape(model, tape), mode: tape.mode };
  return cassetteModels(await resolveModels({ configured, env, local, gates, routing, played }), tape);
}

async function openTape(
  { env, workingFolder, cassette }: ModelOptions,
  secrets: () => readonly string[],
): Promise<Tape | undefined> {
  const file = cassette?.file ?? env['SWITCHYARD_CASSETTE'];
  if (file === undefined || file === '') return undefined;
  const { cassetteMode, Tape } = await import('./model/cassette/cassette.ts');
  return new Tape(resolve(workingFolder, file), {
    mode: cassetteMode(env['SWITCHYARD_CASSETTE_MODE']),
    ...cassette,
    secrets: [...secrets(), ...(cassette?.secrets ?? [])],
  });
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

async function schemaProblems(schema: JsonObject, value: JsonObject): Promise<readonly string[]> {
  const { loadValidator } = await import('./tool-call/load-validator.ts');
  const validation = (await loadValidator()).validateArguments(schema, value);
  return validation.type === 'invalid' ? validation.problems : [];
}
