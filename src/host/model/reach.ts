/** What could answer without any config: keys of the environment, model servers on this machine, a local model. */
import type { Environment } from '../../config/environment.ts';
import { isRuntimeInstalled, pulledDefault } from '../../local-model/folder.ts';
import { ownBaseUrl } from './candidate.ts';
import { listChatModels, ollamaBaseUrl } from './local-servers.ts';
import { PROVIDERS } from './providers.ts';

export interface Reach {
  readonly anthropicKey: boolean;
  readonly openai?: ReachedServer;
  /** Present where it answers; without chat models `names` is empty. */
  readonly ollama?: ReachedServer;
  readonly lmstudio?: ReachedServer;
  /** The id of a local model that is pulled and can run. */
  readonly pulled?: { readonly id: string; readonly name: string };
}

export interface ReachedServer {
  readonly baseUrl: string;
  /** Of its chat models, in its order; undefined where it was not asked, as the provider's own address has what it has. */
  readonly names?: readonly string[];
}

export interface ReachOptions {
  readonly env: Environment;
  readonly homeFolder: string;
  readonly signal?: AbortSignal;
  /** How long a server on this machine may take to answer. */
  readonly probeTimeoutMs?: number;
  /** How long one behind OPENAI_BASE_URL may take, which may be far away. */
  readonly farTimeoutMs?: number;
  readonly lmStudioBaseUrl?: string;
}

export async function findReach(options: ReachOptions): Promise<Reach> {
  const { env, homeFolder, signal, probeTimeoutMs = 300, lmStudioBaseUrl } = options;
  const probe = { timeoutMs: probeTimeoutMs, ...(signal === undefined ? {} : { signal }) };
  const ollamaUrl = ollamaBaseUrl(env);
  const lmStudioUrl = lmStudioBaseUrl ?? PROVIDERS.get('lmstudio')?.baseUrl ?? '';
  const anthropicKey = isSet(env['ANTHROPIC_API_KEY']);
  const [openai, ollama, lmstudio] = await Promise.all([
    findOpenai(options, anthropicKey),
    listChatModels({ ...probe, baseUrl: ollamaUrl }),
    listChatModels({ ...probe, baseUrl: lmStudioUrl }),
  ]);
  const pulled = isRuntimeInstalled(homeFolder) ? pulledDefault(homeFolder) : undefined;
  return {
    anthropicKey,
    ...(openai === undefined ? {} : { openai }),
    ...(ollama === undefined ? {} : { ollama: { baseUrl: ollamaUrl, names: ollama } }),
    ...(lmstudio === undefined ? {} : { lmstudio: { baseUrl: lmStudioUrl, names: lmstudio } }),
    ...(pulled === undefined ? {} : { pulled: { id: pulled.id, name: pulled.name } }),
  };
}

/** Another server behind OPENAI_BASE_URL has models of its own: it is asked where it is what would answer. */
async function findOpenai(
  { env, signal, farTimeoutMs = 3_000 }: ReachOptions,
  anthropicKey: boolean,
): Promise<ReachedServer | undefined> {
  const key = env['OPENAI_API_KEY']?.trim();
  if (!key) return undefined;
  const baseUrl = ownBaseUrl('openai', env) ?? '';
  if (baseUrl === PROVIDERS.get('openai')?.baseUrl) return { baseUrl };
  if (anthropicKey) return undefined;
  const names = await listChatModels({
    baseUrl,
    apiKey: key,
    timeoutMs: farTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  return { baseUrl, names: names ?? [] };
}

function isSet(value: string | undefined): boolean {
  return (value?.trim() ?? '') !== '';
}
