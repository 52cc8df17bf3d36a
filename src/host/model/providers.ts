/** The providers that a model's id may begin with. */
import { closest } from 'fastest-levenshtein';

import { HostError } from '../../errors.ts';

export interface ProviderEntry {
  readonly baseUrl: string;
  /** The variables that may hold the key, the first is the usual one. None: the server asks for no key. */
  readonly keyVariables: readonly string[];
  readonly baseUrlVariable?: string;
}

export const OLLAMA_PORT = 11_434;

/** Models in this process: no wire, no key. */
export const LOCAL_PROVIDER = 'local';

export const PROVIDERS: ReadonlyMap<string, ProviderEntry> = new Map([
  [
    'anthropic',
    {
      baseUrl: 'https://api.anthropic.com',
      keyVariables: ['ANTHROPIC_API_KEY'],
      baseUrlVariable: 'ANTHROPIC_BASE_URL',
    },
  ],
  [
    'openai',
    {
      baseUrl: 'https://api.openai.com/v1',
      keyVariables: ['OPENAI_API_KEY'],
      baseUrlVariable: 'OPENAI_BASE_URL',
    },
  ],
  ['ollama', { baseUrl: `http://127.0.0.1:${OLLAMA_PORT}/v1`, keyVariables: [] }],
  ['lmstudio', { baseUrl: 'http://127.0.0.1:1234/v1', keyVariables: [] }],
  ['openrouter', { baseUrl: 'https://openrouter.ai/api/v1', keyVariables: ['OPENROUTER_API_KEY'] }],
  ['gemini', gemini()],
  ['google', gemini()],
  ['mistral', { baseUrl: 'https://api.mistral.ai/v1', keyVariables: ['MISTRAL_API_KEY'] }],
  ['groq', { baseUrl: 'https://api.groq.com/openai/v1', keyVariables: ['GROQ_API_KEY'] }],
  ['deepseek', { baseUrl: 'https://api.deepseek.com/v1', keyVariables: ['DEEPSEEK_API_KEY'] }],
  ['xai', { baseUrl: 'https://api.x.ai/v1', keyVariables: ['XAI_API_KEY'] }],
]);

function gemini(): ProviderEntry {
  return {
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  };
}

export interface ModelId {
  readonly provider: string;
  readonly name: string;
}

/** `provider/name`; the name may hold more slashes. Throws HostError `invalid-model`. */
export function parseModelId(id: string): ModelId {
  const slash = id.indexOf('/');
  const provider = id.slice(0, Math.max(slash, 0));
  const name = id.slice(slash + 1);
  if (provider === '' || name === '') {
    throw new HostError(
      'invalid-model',
      `A model is written provider/name, for example 'anthropic/${DEFAULT_MODELS.anthropic}'; got '${id}'. Known providers: ${[...PROVIDERS.keys(), LOCAL_PROVIDER].join(', ')}.`,
    );
  }
  return { provider, name };
}

export function unknownProvider(provider: string): HostError {
  const known = [...PROVIDERS.keys(), LOCAL_PROVIDER];
  return new HostError(
    'unknown-provider',
    `Unknown provider '${provider}'. Known: ${known.join(', ')}. Did you mean '${closest(provider, known)}'? For any other OpenAI-compatible server give the model a baseUrl under models in mcp.config.json.`,
  );
}

/** Taken without configuration: able with tools, at a middling price, and in the price table. */
export const DEFAULT_MODELS = { anthropic: 'claude-sonnet-5', openai: 'gpt-6-sol' } as const;

/**
 * What the built-in aliases mean where a key is set, in the order in which they are tried; all of them stand in the price
 * table. The most able model of a provider may be closed to an account, which is why another one may stand behind it.
 */
export const TIER_MODELS = {
  fast: [{ model: 'anthropic/claude-haiku-4-5' }, { model: 'openai/gpt-6-luna' }],
  smart: [
    { model: 'anthropic/claude-opus-5-5' },
    { model: 'openai/gpt-6-astra' },
    { model: 'openai/gpt-6-sol' },
  ],
  cheap: [{ model: 'openai/gpt-6-luna' }, { model: 'anthropic/claude-haiku-4-5' }],
} as const;
