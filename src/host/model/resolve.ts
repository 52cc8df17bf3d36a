/** Which models there are: those of the config, or what is in reach without one. */
import type { Environment } from '../../config/environment.ts';
import type { ModelCandidate } from '../../config/model-candidate.ts';
import { HostError } from '../../errors.ts';
import { isRuntimeInstalled, pulledDefault } from '../../local-model/folder.ts';
import { type CandidateContext, candidateModel, missingKey, ownBaseUrl } from './candidate.ts';
import { fallback } from './fallback.ts';
import { type LocalContext, usesOneTool } from './local-candidate.ts';
import { listChatModels, ollamaBaseUrl } from './local-servers.ts';
import type { Model } from './model.ts';
import { loadContextWindows } from './price.ts';
import { DEFAULT_MODELS, PROVIDERS } from './providers.ts';

export interface ModelSet {
  /**
   * By alias or by `provider/name`. Undefined only for `default` where no model is in reach. Throws HostError
   * `unknown-model`, `invalid-model` or `unknown-provider`.
   */
  get(name: string): Model | undefined;
  /** Which model was taken and why, or that there is none. One line. */
  readonly choice: string;
  /** How to set up a model. */
  readonly advice: string;
}

export interface ResolveOptions {
  readonly configured: Readonly<Record<string, readonly ModelCandidate[]>>;
  readonly env: Environment;
  readonly local: LocalContext;
  readonly signal?: AbortSignal;
  /** How long a server on this machine may take to answer. */
  readonly probeTimeoutMs?: number;
  readonly lmStudioBaseUrl?: string;
}

const ADVICE =
  'To get answers, set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama or LM Studio with a chat model, ' +
  'fetch a small one with "switchyard models pull local", or name a model under models in mcp.config.json.';

export async function resolveModels(options: ResolveOptions): Promise<ModelSet> {
  const { configured, env } = options;
  const [found, contextWindowTokens] = await Promise.all([
    configured['default'] === undefined ? findDefault(options) : ofConfig(configured['default'], env),
    loadContextWindows(),
  ]);
  const context: CandidateContext = { env, contextWindowTokens, local: options.local };
  const models = new Map<string, Model>();
  const make = (name: string): Model | undefined => {
    const own = Object.hasOwn(configured, name) ? configured[name] : undefined;
    const candidates = own ?? (name === 'default' ? found.candidates : byId(name, configured));
    const [first, ...others] = takingTurns(candidates, env).map((candidate) =>
      candidateModel(candidate, context),
    );
    return first === undefined ? undefined : fallback([first, ...others]);
  };
  return {
    get(name) {
      const known = models.get(name) ?? make(name);
      if (known !== undefined) models.set(name, known);
      return known;
    },
    choice: found.choice,
    advice: ADVICE,
  };
}

function byId(name: string, configured: ResolveOptions['configured']): readonly ModelCandidate[] {
  if (name.includes('/')) return [{ model: name }];
  const aliases = [...new Set(['default', ...Object.keys(configured)])].join(', ');
  throw new HostError(
    'unknown-model',
    `There is no model '${name}'. Known: ${aliases}. Name it under models in mcp.config.json, or write provider/name.`,
  );
}

interface Found {
  readonly candidates: readonly ModelCandidate[];
  readonly choice: string;
}

/**
 * A model that gets one tool a question cannot go on where another has called tools: of a list with both kinds it is left
 * out, unless no other one has its key.
 */
function takingTurns(candidates: readonly ModelCandidate[], env: Environment): readonly ModelCandidate[] {
  const small = candidates.filter(usesOneTool);
  if (small.length === 0 || small.length === candidates.length) return candidates;
  const others = candidates.filter((candidate) => !small.includes(candidate));
  return others.some((candidate) => missingKey(candidate, env) === undefined) ? others : small;
}

function ofConfig(candidates: readonly ModelCandidate[], env: Environment): Found {
  const taken = takingTurns(candidates, env);
  const names = candidates.map((candidate) => {
    const missing = missingKey(candidate, env);
    if (missing !== undefined) return `${candidate.model} (no key: set ${missing})`;
    const isLeftOut = !taken.includes(candidate);
    return isLeftOut
      ? `${candidate.model} (left out: it stands in where no other has a key)`
      : candidate.model;
  });
  return { candidates, choice: `Model: ${names.join(', then ')} (models.default of the config).` };
}

async function findDefault({
  env,
  local: { homeFolder },
  signal,
  probeTimeoutMs = 300,
  lmStudioBaseUrl,
}: ResolveOptions): Promise<Found> {
  if (env['ANTHROPIC_API_KEY']?.trim())
    return taken('anthropic', DEFAULT_MODELS.anthropic, 'ANTHROPIC_API_KEY is set');
  const openaiKey = env['OPENAI_API_KEY']?.trim();
  const probe = { timeoutMs: probeTimeoutMs, ...(signal === undefined ? {} : { signal }) };
  if (openaiKey) {
    const baseUrl = ownBaseUrl('openai', env) ?? '';
    if (baseUrl === PROVIDERS.get('openai')?.baseUrl)
      return taken('openai', DEFAULT_MODELS.openai, 'OPENAI_API_KEY is set');
    // Another server behind OPENAI_BASE_URL has models of its own; it may be far away.
    const names =
      (await listChatModels({ ...probe, baseUrl, apiKey: openaiKey, timeoutMs: probeTimeoutMs * 10 })) ?? [];
    const name = names.includes(DEFAULT_MODELS.openai) ? undefined : names[0];
    return taken(
      'openai',
      name ?? DEFAULT_MODELS.openai,
      `OPENAI_API_KEY is set, OPENAI_BASE_URL is ${origin(baseUrl)}`,
    );
  }
  const ollama = ollamaBaseUrl(env);
  const lmStudio = lmStudioBaseUrl ?? PROVIDERS.get('lmstudio')?.baseUrl ?? '';
  const [ollamaNames, lmStudioNames] = await Promise.all([
    listChatModels({ ...probe, baseUrl: ollama }),
    listChatModels({ ...probe, baseUrl: lmStudio }),
  ]);
  if (ollamaNames?.[0] !== undefined) {
    return taken('ollama', ollamaNames[0], `no key is set, and Ollama answers at ${origin(ollama)}`);
  }
  if (lmStudioNames?.[0] !== undefined) {
    const reason = `no key is set, and LM Studio answers at ${origin(lmStudio)}`;
    return taken('lmstudio', lmStudioNames[0], reason, lmStudioBaseUrl);
  }
  const pulled = isRuntimeInstalled(homeFolder) ? pulledDefault(homeFolder) : undefined;
  if (pulled !== undefined) {
    const choice = `Model: ${pulled.id} (no key is set, no model server has a chat model, and ${pulled.name} is pulled).`;
    return { candidates: [{ model: pulled.id }], choice };
  }
  const without = [
    ...(ollamaNames === undefined ? [] : ['Ollama answers but has no chat model']),
    ...(lmStudioNames === undefined ? [] : ['LM Studio answers but has no chat model']),
  ];
  const seen = without.length > 0 ? ` (${without.join('; ')})` : '';
  return { candidates: [], choice: `No model is in reach${seen}. ${ADVICE}` };
}

function taken(provider: string, name: string, reason: string, baseUrl?: string): Found {
  const model = `${provider}/${name}`;
  return {
    candidates: [{ model, ...(baseUrl === undefined ? {} : { baseUrl }) }],
    choice: `Model: ${model} (${reason}).`,
  };
}

/** A URL may carry credentials: what is shown is where it leads. */
function origin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'no URL';
}
