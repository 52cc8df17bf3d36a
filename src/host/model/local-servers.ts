/** Finds a model server that answers on this machine. */
import type { Environment } from '../../config/environment.ts';
import { isJsonObject } from '../../json.ts';
import { OLLAMA_PORT, PROVIDERS } from './providers.ts';

/** Where Ollama listens, as an OpenAI base URL. OLLAMA_HOST may be a host, `host:port`, `:port` or a URL. */
export function ollamaBaseUrl(env: Environment): string {
  const value = env['OLLAMA_HOST']?.trim();
  if (!value) return PROVIDERS.get('ollama')?.baseUrl ?? '';
  const hasScheme = /^https?:\/\//.test(value);
  const written = hasScheme ? value : `http://${value.startsWith(':') ? `127.0.0.1${value}` : value}`;
  if (!URL.canParse(written)) return PROVIDERS.get('ollama')?.baseUrl ?? '';
  const url = new URL(written);
  // What a server binds to is not what a client connects to.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.port === '' && !hasScheme) url.port = String(OLLAMA_PORT);
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1`;
}

export interface ListOptions {
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly apiKey?: string;
  readonly signal?: AbortSignal;
}

/** The chat models that a server lists, in its order; undefined where none answers in time. */
export async function listChatModels({
  baseUrl,
  timeoutMs,
  apiKey,
  signal,
}: ListOptions): Promise<readonly string[] | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const body: unknown = await response.json();
    if (!response.ok || !isJsonObject(body)) return undefined;
    // A server without models says `null`.
    const list = Array.isArray(body.data) ? body.data : [];
    const names = list.flatMap((entry) =>
      isJsonObject(entry) && typeof entry.id === 'string' ? [entry.id] : [],
    );
    return names.filter((name) => !NOT_FOR_CHAT.test(name));
  } catch {
    // Nothing listens there, or something that is no model server: both mean that no model is to be had.
    return undefined;
  }
}

const NOT_FOR_CHAT =
  /embed|\bbge\b|bge-|minilm|rerank|whisper|\btts|clip\b|moderation|stable-diffusion|flux/i;
