/** The model that is taken where neither a config nor a person names one. */
import type { ModelCandidate } from '../../config/model-candidate.ts';
import { DEFAULT_MODELS, PROVIDERS } from './providers.ts';
import type { Reach } from './reach.ts';

export interface Chosen<Entry = readonly ModelCandidate[]> {
  readonly candidates: Entry;
  /** Which model was taken and why, or that there is none. One line. */
  readonly choice: string;
}

export const ADVICE =
  'To get answers, set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama or LM Studio with a chat model, ' +
  'fetch a small one with "switchyard models pull local", or name a model under models in mcp.config.json.';

export function defaultModel({ anthropicKey, openai, ollama, lmstudio, pulled }: Reach): Chosen {
  if (anthropicKey) return taken(`anthropic/${DEFAULT_MODELS.anthropic}`, 'ANTHROPIC_API_KEY is set');
  if (openai?.names !== undefined) {
    const { names, baseUrl } = openai;
    const name = names.includes(DEFAULT_MODELS.openai) ? undefined : names[0];
    return taken(
      `openai/${name ?? DEFAULT_MODELS.openai}`,
      `OPENAI_API_KEY is set, OPENAI_BASE_URL is ${origin(baseUrl)}`,
    );
  }
  if (openai !== undefined) return taken(`openai/${DEFAULT_MODELS.openai}`, 'OPENAI_API_KEY is set');
  const ofOllama = ollama?.names?.[0];
  if (ollama !== undefined && ofOllama !== undefined)
    return taken(`ollama/${ofOllama}`, `no key is set, and Ollama answers at ${origin(ollama.baseUrl)}`);
  const ofLmStudio = lmstudio?.names?.[0];
  if (lmstudio !== undefined && ofLmStudio !== undefined) {
    const reason = `no key is set, and LM Studio answers at ${origin(lmstudio.baseUrl)}`;
    return taken(`lmstudio/${ofLmStudio}`, reason, lmstudio.baseUrl);
  }
  if (pulled !== undefined)
    return taken(pulled.id, `no key is set, no model server has a chat model, and ${pulled.name} is pulled`);
  const without = [
    ...(ollama === undefined ? [] : ['Ollama answers but has no chat model']),
    ...(lmstudio === undefined ? [] : ['LM Studio answers but has no chat model']),
  ];
  const seen = without.length > 0 ? ` (${without.join('; ')})` : '';
  return { candidates: [], choice: `No model is in reach${seen}. ${ADVICE}` };
}

function taken(model: string, reason: string, baseUrl?: string): Chosen {
  return { candidates: [candidateAt(model, baseUrl)], choice: `Model: ${model} (${reason}).` };
}

/** With the address where that is not the one that its provider's models have anyway. */
export function candidateAt(model: string, baseUrl?: string): ModelCandidate {
  const [provider = ''] = model.split('/');
  const isUsual = baseUrl === undefined || baseUrl === PROVIDERS.get(provider)?.baseUrl;
  return isUsual ? { model } : { model, baseUrl };
}

/** A URL may carry credentials: what is shown is where it leads. */
function origin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'no URL';
}
