import { parseArgs } from 'node:util';

import { LRUCache } from 'lru-cache';

import { environment } from '../../config/environment.ts';
import { COMMON_OPTIONS, COMMON_USAGE, UsageError, readArguments } from '../arguments.ts';
import { stderrLog } from '../log.ts';
import { serve } from '../serve.ts';
import type { WebContext } from './context.ts';
import { Converter } from './convert.ts';
import { openHttpClient } from './http-client.ts';
import type { HttpClient } from './http-client.ts';
import { searchProvider } from './search-providers.ts';
import { buildWebServer } from './server.ts';

const NAME = 'web';

const USAGE = `Usage: switchyard server web [--allow-private] [--search-url <url>]

Fetches web pages as Markdown, and searches the web with whichever key is set: BRAVE_API_KEY, TAVILY_API_KEY,
EXA_API_KEY, SERPER_API_KEY, or SEARXNG_URL.

  --allow-private      also fetch from this machine and private networks
  --search-url <url>   ask the search provider at this address instead of its own
${COMMON_USAGE}`;

/** Serves until its client goes away. Wrong arguments set the exit code 2 and return. */
export async function main(argv: readonly string[]): Promise<void> {
  const parsed = readArguments(USAGE, () => {
    const options = {
      ...COMMON_OPTIONS,
      'allow-private': { type: 'boolean' },
      'search-url': { type: 'string' },
    } as const;
    const { values } = parseArgs({ args: [...argv], options });
    const searchUrl = values['search-url'];
    if (searchUrl !== undefined && !URL.canParse(searchUrl)) {
      throw new UsageError(
        `--search-url is '${searchUrl}', but takes a complete URL such as https://search.example.org.`,
      );
    }
    return values;
  });
  if (parsed === undefined) return;
  const { values, http } = parsed;
  const allowPrivate = values['allow-private'] === true;
  const log = stderrLog(NAME);
  const converter = new Converter();
  const client = once(() => openHttpClient({ allowPrivate }));
  // Its address comes from the person who started this server, so it may be private.
  const searchClient = once(() => openHttpClient({ allowPrivate: true }));
  const context: WebContext = {
    log,
    allowPrivate,
    client: client.get,
    searchClient: searchClient.get,
    converter,
    pages: new LRUCache({ max: 32, maxSize: 50_000_000, ttl: 600_000 }),
    search: searchProvider(environment(), values['search-url']),
  };
  await serve(() => buildWebServer(context), {
    name: NAME,
    ...(http !== undefined && { http }),
    onClose: async () => {
      await Promise.all([converter.close(), client.close(), searchClient.close()]);
    },
  });
}

/** Opens at first use, and closes only what was opened. */
function once(open: () => Promise<HttpClient>): {
  get: () => Promise<HttpClient>;
  close: () => Promise<void>;
} {
  let opened: Promise<HttpClient> | undefined;
  return {
    get: () => {
      opened ??= open();
      return opened;
    },
    close: async () => {
      await (await opened)?.close();
    },
  };
}
