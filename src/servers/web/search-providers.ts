/** The search services: how each is asked, and where its results stand in its answer. */
import * as z from 'zod';

import { SEARCH_VARIABLES } from '../../config/builtin-variables.ts';
import type { Environment } from '../../config/environment.ts';

export type SearchResult = { readonly title: string; readonly url: string; readonly snippet: string };

interface SearchRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SearchProvider {
  readonly name: string;
  /** The variable that holds the key, for advice. */
  readonly variable: string;
  request(query: string, count: number): SearchRequest;
  /** Throws a ZodError when the answer has another shape. */
  results(answer: unknown): SearchResult[];
}

type ProviderVariable = (typeof SEARCH_VARIABLES)[number];
type MakeProvider = (secret: string, baseUrl: string | undefined) => Omit<SearchProvider, 'variable'>;

const text = z
  .string()
  .nullish()
  .transform((value) => plainText(value ?? ''));

const PROVIDERS: Readonly<Record<ProviderVariable, MakeProvider>> = {
  BRAVE_API_KEY: (key, baseUrl = 'https://api.search.brave.com') => ({
    name: 'Brave',
    request: (query, count) =>
      get(baseUrl, '/res/v1/web/search', { q: query, count }, { 'x-subscription-token': key }),
    results: listParser(
      (item) =>
        z
          .object({ web: z.object({ results: z.array(item) }).optional() })
          .transform((answer) => answer.web?.results ?? []),
      'url',
      'description',
    ),
  }),
  TAVILY_API_KEY: (key, baseUrl = 'https://api.tavily.com') => ({
    name: 'Tavily',
    request: (query, count) =>
      post(baseUrl, '/search', { query, max_results: count }, { authorization: `Bearer ${key}` }),
    results: listParser(
      (item) => z.object({ results: z.array(item) }).transform((answer) => answer.results),
      'url',
      'content',
    ),
  }),
  EXA_API_KEY: (key, baseUrl = 'https://api.exa.ai') => ({
    name: 'Exa',
    request: (query, count) =>
      post(
        baseUrl,
        '/search',
        { query, numResults: count, contents: { text: { maxCharacters: 400 } } },
        { 'x-api-key': key },
      ),
    results: listParser(
      (item) => z.object({ results: z.array(item) }).transform((answer) => answer.results),
      'url',
      'text',
    ),
  }),
  SERPER_API_KEY: (key, baseUrl = 'https://google.serper.dev') => ({
    name: 'Serper',
    request: (query, count) => post(baseUrl, '/search', { q: query, num: count }, { 'x-api-key': key }),
    results: listParser(
      (item) => z.object({ organic: z.array(item).optional() }).transform((answer) => answer.organic ?? []),
      'link',
      'snippet',
    ),
  }),
  SEARXNG_URL: (ownUrl, baseUrl = ownUrl) => ({
    name: 'SearXNG',
    request: (query) => get(baseUrl, '/search', { q: query, format: 'json' }, {}),
    results: listParser(
      (item) => z.object({ results: z.array(item) }).transform((answer) => answer.results),
      'url',
      'content',
    ),
  }),
};

/** The provider of the first variable that is set. `baseUrl` replaces the provider's own address. */
export function searchProvider(
  environment: Environment,
  baseUrl: string | undefined,
): SearchProvider | undefined {
  for (const variable of SEARCH_VARIABLES) {
    const secret = environment[variable];
    if (secret !== undefined && secret !== '') return { variable, ...PROVIDERS[variable](secret, baseUrl) };
  }
  return undefined;
}

type Item = z.ZodType<Record<string, unknown>>;

function listParser(
  list: (item: Item) => z.ZodType<Record<string, unknown>[]>,
  urlField: string,
  snippetField: string,
): (answer: unknown) => SearchResult[] {
  const schema = list(z.record(z.string(), z.unknown()));
  const result = z.object({ title: text, [urlField]: z.string(), [snippetField]: text });
  return (answer) =>
    schema.parse(answer).map((item) => {
      const fields: Record<string, string> = result.parse(item);
      return {
        title: fields['title'] ?? '',
        url: fields[urlField] ?? '',
        snippet: fields[snippetField] ?? '',
      };
    });
}

function get(
  baseUrl: string,
  path: string,
  query: Record<string, string | number>,
  headers: Record<string, string>,
): SearchRequest {
  const url = urlOf(baseUrl, path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return { url: url.href, method: 'GET', headers: { accept: 'application/json', ...headers } };
}

function post(baseUrl: string, path: string, body: object, headers: Record<string, string>): SearchRequest {
  return {
    url: urlOf(baseUrl, path).href,
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** A base below a path, such as https://example.org/searx, keeps its path. */
function urlOf(baseUrl: string, path: string): URL {
  return new URL(baseUrl.replace(/\/+$/, '') + path);
}

/** Providers mark hits with tags and write characters as entities. */
function plainText(html: string): string {
  const entities: Readonly<Record<string, string>> = {
    lt: '<',
    gt: '>',
    quot: '"',
    '#39': "'",
    '#x27': "'",
    nbsp: ' ',
    amp: '&',
  };
  return html
    .replaceAll(/<\/?(?:strong|b|em|i|mark|br)\s*\/?>/gi, '')
    .replaceAll(/&(lt|gt|quot|#39|#x27|nbsp|amp);/g, (whole, name: string) => entities[name] ?? whole)
    .replaceAll(/\s+/g, ' ')
    .trim();
}
