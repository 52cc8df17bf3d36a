/** Makes a model of a candidate of the config. Nothing is loaded and no connection is made before it is asked. */
import type { Environment } from '../../config/environment.ts';
import type { ModelCandidate } from '../../config/model-candidate.ts';
import { isLoopbackUrl } from '../../loopback.ts';
import { anthropicModel } from './anthropic.ts';
import { fitted } from './fitted.ts';
import { idleTimeout } from './idle-timeout.ts';
import { type LocalContext, localCandidate } from './local-candidate.ts';
import { ollamaBaseUrl } from './local-servers.ts';
import type { Model, ModelLimits } from './model.ts';
import { openaiModel } from './openai.ts';
import type { ProviderGates } from './provider-gates.ts';
import { LOCAL_PROVIDER, PROVIDERS, parseModelId, unknownProvider } from './providers.ts';
import { retry } from './retry.ts';

export interface CandidateContext {
  readonly env: Environment;
  readonly contextWindowTokens: (modelId: string) => number | undefined;
  readonly local: LocalContext;
  /** What all runs share of each provider. */
  readonly gates?: ProviderGates | undefined;
}

/**
 * Wrapped in `retry` where a wire is between. A candidate whose key is missing becomes a model that fails with `authentication`, so that a
 * fallback goes on to the next. Throws HostError `invalid-model`, `unknown-model` or `unknown-provider`.
 */
export function candidateModel(candidate: ModelCandidate, context: CandidateContext): Model {
  const { provider, name } = parseModelId(candidate.model);
  if (provider === LOCAL_PROVIDER && candidate.baseUrl === undefined)
    return localCandidate(candidate, context.local);
  const entry = PROVIDERS.get(provider);
  const baseUrl = candidate.baseUrl ?? ownBaseUrl(provider, context.env);
  if (baseUrl === undefined) throw unknownProvider(provider);
  const key = findKey(candidate, context.env);
  const limits = candidateLimits(candidate, context);
  const { headers, price, extraBody } = candidate;
  const gate = context.gates?.of({ provider, name, baseUrl, apiKey: key.value });
  const common = {
    name,
    baseUrl,
    limits,
    keySource: key.source,
    ...(headers === undefined ? {} : { headers }),
    ...(price === undefined ? {} : { price }),
    ...(extraBody === undefined ? {} : { extraBody }),
    ...(gate === undefined ? {} : { onHeaders: gate.learn }),
  };
  if (
    key.value === undefined &&
    (provider === 'anthropic' || (entry && entry.keyVariables.length > 0 && !candidate.baseUrl))
  ) {
    return withoutKey(candidate.model, key.source, limits);
  }
  const model =
    provider === 'anthropic'
      ? anthropicModel({ ...common, apiKey: key.value ?? '' })
      : openaiModel({ ...common, provider, ...(key.value === undefined ? {} : { apiKey: key.value }) });
  const timed = idleTimeout(fitted(model), isLoopbackUrl(baseUrl) ? LOCAL_IDLE_TIMEOUT_MS : IDLE_TIMEOUT_MS);
  const retried = retry(gate?.guard(timed) ?? timed);
  return gate === undefined ? retried : { ...retried, refusal: () => gate.refusal(candidate.model)?.message };
}

const IDLE_TIMEOUT_MS = 120_000;
/** A model on this machine may load itself and read a long prompt for minutes before its first word. */
const LOCAL_IDLE_TIMEOUT_MS = 300_000;

/** Where the provider answers when the config does not say; undefined for an unknown provider. */
export function ownBaseUrl(provider: string, env: Environment): string | undefined {
  if (provider === 'ollama') return ollamaBaseUrl(env);
  const entry = PROVIDERS.get(provider);
  const fromEnvironment =
    entry?.baseUrlVariable === undefined ? undefined : env[entry.baseUrlVariable]?.trim();
  return fromEnvironment || entry?.baseUrl;
}

/**
 * A key of the environment goes only to the provider's own address: a config that names another base URL must name the
 * key as well, so that a stranger's config cannot collect keys.
 */
function findKey(
  candidate: Pick<ModelCandidate, 'model' | 'apiKey' | 'baseUrl'>,
  env: Environment,
): { readonly value?: string; readonly source: string } {
  if (candidate.apiKey)
    return { value: candidate.apiKey, source: `the apiKey of '${candidate.model}' in the config` };
  const variables = PROVIDERS.get(parseModelId(candidate.model).provider)?.keyVariables ?? [];
  if (candidate.baseUrl !== undefined || variables.length === 0) {
    return { source: `the apiKey of '${candidate.model}' in the config` };
  }
  for (const variable of variables) {
    const value = env[variable]?.trim();
    if (value) return { value, source: variable };
  }
  return { source: variables.join(' or ') };
}

/** Where the key of a candidate that needs one is looked for in vain. */
export function missingKey(candidate: ModelCandidate, env: Environment): string | undefined {
  const [provider = ''] = candidate.model.split('/');
  const needsKey = (PROVIDERS.get(provider)?.keyVariables.length ?? 0) > 0 && candidate.baseUrl === undefined;
  if (!needsKey) return undefined;
  const { value, source } = findKey(candidate, env);
  return value === undefined ? source : undefined;
}

function candidateLimits(candidate: ModelCandidate, context: CandidateContext): Partial<ModelLimits> {
  const { maxOutputTokens, maxTools, accepts } = candidate;
  const contextWindowTokens = candidate.contextWindowTokens ?? context.contextWindowTokens(candidate.model);
  return {
    ...(contextWindowTokens === undefined ? {} : { contextWindowTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(maxTools === undefined ? {} : { maxTools }),
    ...(accepts === undefined
      ? {}
      : { accepts: { images: accepts.includes('images'), audio: accepts.includes('audio') } }),
  };
}

function withoutKey(id: string, source: string, limits: Partial<ModelLimits>): Model {
  const message = `${id}: there is no key. Set ${source}, or apiKey of this model under models in mcp.config.json.`;
  return {
    id,
    limits: { maxTools: 128, ...limits },
    costUsd: async () => undefined,
    async *stream() {
      yield { type: 'error', failure: { code: 'authentication', message, retryable: false, model: id } };
    },
  };
}
