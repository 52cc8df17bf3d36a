import { McpServer } from '@modelcontextprotocol/server';

import type { ServerLog } from '../log.ts';
import { packageVersion } from '../version.ts';
import { registerDocumentTools } from './document-tools.ts';
import { registerIngest } from './ingest-tool.ts';
import type { Library } from './library.ts';
import { registerSearch } from './search-tool.ts';

export function buildRetrievalServer(library: Library, log: ServerLog): McpServer {
  const server = new McpServer(
    { name: 'switchyard-retrieval', title: 'Documents', version: packageVersion() },
    {
      instructions:
        'Search before you answer a question about the documents of this project, and name file and line.',
    },
  );
  registerSearch(server, library, log);
  registerIngest(server, library, log);
  registerDocumentTools(server, library, log);
  return server;
}
