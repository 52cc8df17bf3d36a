/** What an answer cost, by the price table of @pydantic/genai-prices: its bundled data, no network. */
import type { Provider } from '@pydantic/genai-prices';

import type { ModelPrice } from '../../config/model-candidate.ts';
import { isLoopbackUrl } from '../../loopback.ts';
import type { Usage } from './model.ts';

export interface PricingOptions {
  /** `provider/name`. */
  readonly modelId: string;
  readonly baseUrl: string;
  /** From the config: stands above the table. Caches without a price of their own cost as much as other input. */
  readonly price?: ModelPrice;
}

export interface Pricing {
  /** Undefined: unknown. */
  readonly costUsd: (usage: Usage) => Promise<number | undefined>;
}

/**
 * A configured price holds. Ollama and LM Studio on this machine cost nothing, except Ollama's cloud models. Else the
 * table counts, and only where the base URL is the provider's own: what a proxy charges is unknown until configured.
 */
export function pricingOf({ modelId, baseUrl, price }: PricingOptions): Pricing {
  const [prefix = '', ...rest] = modelId.split('/');
  const name = rest.join('/');
  if (price !== undefined) return { costUsd: async (usage) => byConfig(usage, price) };
  if (LOCAL_PROVIDERS.has(prefix)) {
    const free = isLoopbackUrl(baseUrl) && !/[:-]cloud$/.test(name);
    return { costUsd: async () => (free ? 0 : undefined) };
  }
  let found: Promise<TableEntry | undefined> | undefined;
  const byTable = async (usage: Usage): Promise<number | undefined> => {
    found ??= tableProvider(prefix).then((entry) =>
      entry !== undefined && new RegExp(entry.provider.api_pattern).test(baseUrl) ? entry : undefined,
    );
    const entry = await found;
    if (usage.unknown || entry === undefined) return undefined;
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
    const counts = {
      input_tokens: inputTokens + cacheReadTokens + cacheWriteTokens,
      output_tokens: outputTokens,
      cache_read_tokens: cacheReadTokens,
      cache_write_tokens: cacheWriteTokens,
    };
    try {
      return entry.table.calcPrice(counts, name, { provider: entry.provider })?.total_price;
    } catch {
      // The table throws where an entry lacks a price that these counts need: the cost is unknown.
      return undefined;
    }
  };
  return { costUsd: byTable };
}

/** Loads the table; what it gives says how many tokens a model takes, undefined where the table has no word on it. */
export async function loadContextWindows(): Promise<(modelId: string) => number | undefined> {
  const table = await import('@pydantic/genai-prices');
  return (modelId) => {
    const [prefix = '', ...rest] = modelId.split('/');
    const providerId = TABLE_IDS[prefix];
    if (providerId === undefined) return undefined;
    return table.calcPrice({ input_tokens: 1 }, rest.join('/'), { providerId })?.model.context_window;
  };
}

const LOCAL_PROVIDERS = new Set(['ollama', 'lmstudio']);
/** Our prefixes → the table's ids. */
const TABLE_IDS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  openrouter: 'openrouter',
  gemini: 'google',
  google: 'google',
  mistral: 'mistral',
  groq: 'groq',
  deepseek: 'deepseek',
  xai: 'x-ai',
};

type Table = typeof import('@pydantic/genai-prices');

interface TableEntry {
  readonly table: Table;
  readonly provider: Provider;
}

const entries = new Map<string, Promise<TableEntry | undefined>>();

/** Looked up once for each provider: it is asked for after every model call. */
function tableProvider(prefix: string): Promise<TableEntry | undefined> {
  const entry = entries.get(prefix) ?? findTableProvider(prefix);
  entries.set(prefix, entry);
  return entry;
}

async function findTableProvider(prefix: string): Promise<TableEntry | undefined> {
  const providerId = TABLE_IDS[prefix];
  if (providerId === undefined) return undefined;
  const table = await import('@pydantic/genai-prices');
  const provider = table.findProvider({ providerId });
  return provider === undefined ? undefined : { table, provider };
}

function byConfig(usage: Usage, price: ModelPrice): number | undefined {
  if (usage.unknown) return undefined;
  const { inputUsdPerMillion, outputUsdPerMillion } = price;
  const total =
    usage.inputTokens * inputUsdPerMillion +
    usage.outputTokens * outputUsdPerMillion +
    usage.cacheReadTokens * (price.cacheReadUsdPerMillion ?? inputUsdPerMillion) +
    usage.cacheWriteTokens * (price.cacheWriteUsdPerMillion ?? inputUsdPerMillion);
  return total / 1e6;
}
