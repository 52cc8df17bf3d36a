import { McpServer } from '@modelcontextprotocol/server';

import { packageVersion } from '../version.ts';
import type { WebContext } from './context.ts';
import { registerFetch } from './fetch-tool.ts';
import { registerSearch } from './search-tool.ts';

export function buildWebServer(context: WebContext): McpServer {
  const server = new McpServer({ name: 'switchyard-web', title: 'Web', version: packageVersion() });
  registerFetch(server, context);
  registerSearch(server, context);
  return server;
}
