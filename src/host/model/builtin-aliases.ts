/** What `fast`, `smart`, `cheap` and `local` mean with what is in reach here. */
import { BUILTIN_ALIASES, type BuiltinAlias } from '../../config/model-alias.ts';
import type { ModelCandidate } from '../../config/model-candidate.ts';
import { isLoopbackUrl } from '../../loopback.ts';
import { candidateAt } from './default-model.ts';
import { TIER_MODELS } from './providers.ts';
import type { Reach, ReachedServer } from './reach.ts';

export type BuiltinAliases = Readonly<Record<BuiltinAlias, readonly ModelCandidate[]>>;

/**
 * Providers with a key come first, in the order that suits the alias: each stands in for the one before. What runs on this
 * machine answers where no key is set, and always for `local`. An alias that nothing could answer has no candidates.
 */
export function builtinAliases(reach: Reach): BuiltinAliases {
  const of = (alias: BuiltinAlias): readonly ModelCandidate[] => {
    if (alias === 'local')
      return onThisMachine(reach)
        .map((models) => models[0])
        .filter((one) => one !== undefined);
    const far = TIER_MODELS[alias].filter(({ model }) => isInReach(model, reach));
    if (far.length > 0) return far;
    const [models = []] = [served('openai', reach.openai), ...onThisMachine(reach)].filter(isFilled);
    const one = alias === 'smart' ? bySize(models).at(-1) : bySize(models)[0];
    return one === undefined ? [] : [one];
  };
  return Object.fromEntries(BUILTIN_ALIASES.map((alias) => [alias, of(alias)])) as BuiltinAliases;
}

function isInReach(model: string, { anthropicKey, openai }: Reach): boolean {
  const [provider, name = ''] = model.split('/');
  if (provider === 'anthropic') return anthropicKey;
  return openai !== undefined && (openai.names === undefined || openai.names.includes(name));
}

/** By what runs them, those of each in its own order. */
function onThisMachine({ openai, ollama, lmstudio, pulled }: Reach): readonly (readonly ModelCandidate[])[] {
  const isNear = openai !== undefined && isLoopbackUrl(openai.baseUrl);
  return [
    isNear ? served('openai', openai) : [],
    served('ollama', ollama),
    served('lmstudio', lmstudio, lmstudio?.baseUrl),
    pulled === undefined ? [] : [{ model: pulled.id }],
  ].filter(isFilled);
}

function served(
  provider: string,
  server: ReachedServer | undefined,
  baseUrl?: string,
): readonly ModelCandidate[] {
  return (server?.names ?? []).map((name) => candidateAt(`${provider}/${name}`, baseUrl));
}

function isFilled(models: readonly ModelCandidate[]): boolean {
  return models.length > 0;
}

/** The smallest first, as far as names tell; where none does, the one that the server names first is both ends. */
function bySize(models: readonly ModelCandidate[]): readonly ModelCandidate[] {
  const told = models.filter(({ model }) => sizeOf(model) > 0);
  return told.length === 0 ? models.slice(0, 1) : told.toSorted((a, b) => sizeOf(a.model) - sizeOf(b.model));
}

/** Billions of parameters, as in `qwen3:8b` or `gpt-oss-20b`; of a name that does not say, none. */
function sizeOf(model: string): number {
  const [, size] = /(?:^|[^a-z\d.])(\d+(?:\.\d+)?)b(?![a-z\d])/i.exec(model) ?? [];
  return size === undefined ? 0 : Number(size);
}
