import type { ServerLog } from '../log.ts';
import type { Converter } from './convert.ts';
import type { ReadPage } from './fetch-tool.ts';
import type { HttpClient } from './http-client.ts';
import type { PageCache } from './page-cache.ts';
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
  readonly pages: PageCache<ReadPage>;
  /** Undefined when no key is set. */
  readonly search: SearchProvider | undefined;
}
