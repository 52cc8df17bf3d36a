import type { JsonObject } from '../json.ts';

/** One model of `models` in the config. Of a list of candidates the next is tried where one fails. */
export type ModelCandidate = {
  /** `provider/name`, for example `anthropic/claude-…`, `openai/gpt-…`, `ollama/…`, `local/…`. */
  readonly model: string;
  /** With `local/…`: a GGUF file, absolute. */
  readonly file?: string;
  /** With `local/…`: the model's own way of calling tools, or one tool a question by a grammar. */
  readonly tools?: 'native' | 'grammar';
  /** Where an OpenAI-compatible server answers. */
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Merged over the body of each request. */
  readonly extraBody?: JsonObject;
  readonly maxOutputTokens?: number;
  readonly contextWindowTokens?: number;
  /** The most tools that one request may carry. */
  readonly maxTools?: number;
  /** What it takes besides text: by default pictures where its provider takes them, and no sound. */
  readonly accepts?: readonly ('images' | 'audio')[];
  /** Where the price table does not know the model. */
  readonly price?: ModelPrice;
};

/** US dollars for a million tokens. */
export type ModelPrice = {
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  readonly cacheReadUsdPerMillion?: number;
  readonly cacheWriteUsdPerMillion?: number;
};
