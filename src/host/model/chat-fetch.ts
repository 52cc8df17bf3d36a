/** The fetch that the OpenAI SDK is given: it decides what leaves the machine, and repairs one kind of error body. */
import type { HeaderReader } from './rate-headers.ts';
import { redirectTarget } from './redirect.ts';

export interface ChatFetchOptions {
  readonly apiKey?: string;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Whether headers that the SDK takes from OPENAI_… variables may go out. They are meant for OpenAI: to anyone else
   * they would give away its organization, project and custom headers.
   */
  readonly ownVariables: boolean;
  readonly onHeaders?: ((header: HeaderReader) => void) | undefined;
}

type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

export function chatFetch({ apiKey, headers, ownVariables, onHeaders }: ChatFetchOptions): Fetch {
  return async (url, init) => {
    const sent = ownVariables
      ? new Headers(init?.headers)
      : new Headers({
          accept: 'application/json',
          'content-type': 'application/json',
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
          ...headers,
        });
    const response = await fetchThere(url, { ...init, headers: sent });
    onHeaders?.((name) => response.headers.get(name) ?? undefined);
    return response.ok ? response : unwrapped(response);
  };
}

async function fetchThere(url: string | URL | Request, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  const location = response.headers.get('location');
  if (response.status < 300 || response.status >= 400 || location === null) return response;
  await response.body?.cancel();
  const target = redirectTarget(location, new URL(url instanceof Request ? url.url : url));
  if (target instanceof Error) throw target;
  return fetch(target, { ...init, redirect: 'error' });
}

/** Gemini wraps its error in an array, where the SDK finds no message. */
async function unwrapped(response: Response): Promise<Response> {
  const text = await response.text();
  const { status, statusText, headers } = response;
  return new Response(firstOfArray(text) ?? text, { status, statusText, headers });
}

function firstOfArray(text: string): string | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 ? JSON.stringify(value[0]) : undefined;
  } catch {
    // Not JSON after all: the text is shown as it is.
    return undefined;
  }
}
