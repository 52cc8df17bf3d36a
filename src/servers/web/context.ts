import type { LRUCache } from 'lru-cache';

import type { ServerLog } from '../log.ts';
import type { Converter } from './convert.ts';
import type { ReadPage } from './fetch-tool.ts';
import type { HttpClient } from './http-client.ts';
import type { SearchProvider } from './search-providers.ts';

/** What the tools of this server share for the life of the process. */
export interface WebContext {
  readonly log: ServerLog;
  readonly allowPrivate: boolean;
  /** Opened at first use. */
  readonly client: () => Promise<HttpClient>;
  /** For the search provider alone. */
  readonly searchClient: () => Promise<HttpClient>;
  readonly converter: Converter;
  /** The pages that were read last, by size in characters, so that reading on does not fetch and convert them again. */
  readonly pages: LRUCache<string, ReadPage>;
  /** Undefined when no key is set. */
  readonly search: SearchProvider | undefined;
}
