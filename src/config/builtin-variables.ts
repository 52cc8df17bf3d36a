/** The host starts one of our servers with the safe variables, SWITCHYARD_HOME, and those named here. */
import type { BuiltinName } from './server-definition.ts';

const EMBEDDING = ['SWITCHYARD_EMBEDDER'] as const;

/** Where web search keys come from; the first that is set, in this order, is used. */
export const SEARCH_VARIABLES = [
  'BRAVE_API_KEY',
  'TAVILY_API_KEY',
  'EXA_API_KEY',
  'SERPER_API_KEY',
  'SEARXNG_URL',
] as const;

const PROXY_VARIABLES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
] as const;

export const BUILTIN_VARIABLES: Readonly<Record<BuiltinName, readonly string[]>> = {
  retrieval: EMBEDDING,
  memory: EMBEDDING,
  filesystem: [],
  web: [...SEARCH_VARIABLES, ...PROXY_VARIABLES],
};
