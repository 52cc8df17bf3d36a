/** Everything that could answer: what the config names, keys, model servers on this machine, local models. */
import type { Environment } from '../../config/environment.ts';
import { BUILTIN_ALIASES } from '../../config/model-alias.ts';
import { candidatesOf, isCascade, isRoute, type ModelEntry, partNames } from '../../config/model-entry.ts';
import { LOCAL_MODELS } from '../../local-model/catalog.ts';
import { isPulled, isRuntimeInstalled, modelFile, partialBytes } from '../../local-model/folder.ts';
import { ownBaseUrl } from './candidate.ts';
import { candidateProblem } from './candidate-problem.ts';
import { listChatModels } from './local-servers.ts';
import { PROVIDERS } from './providers.ts';
import type { ModelSet } from './resolve.ts';

export type ModelInReach = {
  /** What `--model` takes, or for a key the provider's prefix. */
  readonly name: string;
  readonly kind: 'configured' | 'builtin' | 'key' | 'server' | 'local';
  readonly ready: boolean;
  readonly detail: string;
};

export interface InReachOptions {
  readonly configured: Readonly<Record<string, ModelEntry>>;
  /** What the aliases come to. */
  readonly aliases: ModelSet['aliases'];
  readonly env: Environment;
  readonly homeFolder: string;
  readonly signal?: AbortSignal;
  readonly probeTimeoutMs?: number;
  readonly lmStudioBaseUrl?: string;
}

export async function modelsInReach(options: InReachOptions): Promise<readonly ModelInReach[]> {
  return [
    ...configuredModels(options),
    ...builtin(options),
    ...keys(options.env),
    ...(await served(options)),
    ...local(options),
  ];
}

function configuredModels({ configured, aliases, env, homeFolder }: InReachOptions): ModelInReach[] {
  return Object.entries(configured).map(([name, entry]) => {
    const problems = new Map(
      candidatesOf(entry).map((candidate) => [candidate.model, candidateProblem(candidate, env, homeFolder)]),
    );
    const parts = partNames(entry).map((part) => {
      // A name that is none of its candidates is an alias.
      const isAlias = !problems.has(part);
      const problem = isAlias && aliases[part] === undefined ? 'not in reach' : problems.get(part);
      return { ready: problem === undefined, text: `${part}${problem ? ` (${problem})` : ''}` };
    });
    return {
      name,
      kind: 'configured',
      ready: parts.some(({ ready }) => ready),
      detail: joined(
        entry,
        parts.map(({ text }) => text),
      ),
    };
  });
}

function joined(entry: ModelEntry, names: readonly string[]): string {
  if (isRoute(entry)) return `one of ${names.join(', ')}`;
  return names.join(isCascade(entry) ? ', then where that is not enough ' : ', then ');
}

function builtin({ configured, aliases }: InReachOptions): ModelInReach[] {
  return BUILTIN_ALIASES.filter((name) => !Object.hasOwn(configured, name)).map((name) => {
    const models = aliases[name];
    const detail = models?.join(', then ') ?? 'nothing that it could mean is in reach';
    return { name, kind: 'builtin', ready: models !== undefined, detail };
  });
}

function keys(env: Environment): ModelInReach[] {
  return [...PROVIDERS].flatMap(([name, { keyVariables }]) => {
    const variable = keyVariables.find((one) => env[one]?.trim());
    return variable === undefined
      ? []
      : [{ name: `${name}/…`, kind: 'key' as const, ready: true, detail: `${variable} is set` }];
  });
}

async function served({
  env,
  signal,
  probeTimeoutMs = 300,
  lmStudioBaseUrl,
}: InReachOptions): Promise<ModelInReach[]> {
  const servers = [
    ['ollama', ownBaseUrl('ollama', env) ?? ''],
    ['lmstudio', lmStudioBaseUrl ?? ownBaseUrl('lmstudio', env) ?? ''],
  ] as const;
  const listed = await Promise.all(
    servers.map(async ([provider, baseUrl]) => {
      const names = await listChatModels({
        baseUrl,
        timeoutMs: probeTimeoutMs,
        ...(signal ? { signal } : {}),
      });
      return (names ?? []).map((name) => ({
        name: `${provider}/${name}`,
        kind: 'server' as const,
        ready: true,
        detail: `served at ${new URL(baseUrl).host}`,
      }));
    }),
  );
  return listed.flat();
}

function local({ homeFolder }: InReachOptions): ModelInReach[] {
  return LOCAL_MODELS.map((model) => {
    const ready = isPulled(homeFolder, model) && isRuntimeInstalled(homeFolder);
    const size = `${Math.round(model.sizeBytes / 1e6).toLocaleString('en')} MB`;
    const kept = partialBytes(homeFolder, model);
    const place = ready
      ? `pulled, ${size}, ${modelFile(homeFolder, model)}`
      : `${kept > 0 ? `${Math.floor((kept / model.sizeBytes) * 100)}% pulled` : 'not pulled'}, ${size}: models pull ${model.name}`;
    return { name: model.id, kind: 'local', ready, detail: `${model.title}; ${place}` };
  });
}
