import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import type { ServerLog } from '../log.ts';
import { READ_ONLY, answer, toolError, toolResult } from '../tool.ts';
import type { Library } from './library.ts';

const MOST_LISTED = 500;

export function registerDocumentTools(server: McpServer, library: Library, log: ServerLog): void {
  registerList(server, library, log);
  registerRemove(server, library, log);
  registerStatus(server, library, log);
}

function registerList(server: McpServer, library: Library, log: ServerLog): void {
  server.registerTool(
    'list_documents',
    {
      title: 'List documents',
      description: `Lists the indexed documents with their size and number of passages, at most ${MOST_LISTED} at once (go on with startAt).`,
      inputSchema: z.object({
        path: z.string().min(1).optional().describe('Only below this folder.'),
        startAt: z.int().min(0).default(0),
      }),
      outputSchema: z.object({
        documents: z.array(
          z.object({ source: z.string(), sizeBytes: z.number(), chunks: z.number(), indexed: z.string() }),
        ),
        total: z.number(),
        nextStartAt: z.number().optional(),
      }),
      annotations: READ_ONLY,
    },
    ({ path, startAt }) =>
      answer(log, async () => {
        await library.sourcesReport();
        const all = library.store.documents(path === undefined ? {} : { below: library.resolve(path) });
        const documents = all.slice(startAt, startAt + MOST_LISTED).map((document) => ({
          source: library.shown(document.uri),
          sizeBytes: document.sizeBytes,
          chunks: document.chunkCount,
          indexed: new Date(document.storedMs).toISOString(),
        }));
        const end = startAt + documents.length;
        const lines = documents.map(({ source, chunks }) => `${source} (${chunks} passages)`);
        const text = `${all.length} documents${lines.length === 0 ? '' : `\n${lines.join('\n')}`}`;
        return toolResult(
          { documents, total: all.length, ...(end < all.length ? { nextStartAt: end } : {}) },
          text,
        );
      }),
  );
}

function registerRemove(server: McpServer, library: Library, log: ServerLog): void {
  server.registerTool(
    'remove',
    {
      title: 'Remove documents',
      description:
        'Takes documents out of the index and leaves nothing of them in it. The files themselves stay.',
      inputSchema: z.object({
        paths: z.array(z.string().min(1)).min(1).max(1_000).describe('Files and folders.'),
      }),
      outputSchema: z.object({ removed: z.number() }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ paths }) =>
      answer(log, async () => {
        const uris = paths.flatMap((path) =>
          library.store.documents({ below: library.resolve(path) }).map(({ uri }) => uri),
        );
        if (uris.length === 0)
          return toolError(`None of these is indexed: ${paths.join(', ')}. list_documents shows what is.`);
        const removed = library.store.remove(uris);
        await library.store.purge();
        return toolResult({ removed }, `${removed} documents removed.`);
      }),
  );
}

function registerStatus(server: McpServer, library: Library, log: ServerLog): void {
  server.registerTool(
    'status',
    {
      title: 'Index status',
      description: 'Tells how much is indexed, and how much of it can be found by meaning.',
      inputSchema: z.object({}),
      outputSchema: z.object({
        documents: z.number(),
        chunks: z.number(),
        embedded: z.number(),
        indexed: z.number(),
        embedderProblem: z.string().optional(),
      }),
      annotations: READ_ONLY,
    },
    () =>
      answer(log, async () => {
        await library.sourcesReport();
        const counts = library.store.counts();
        const { documents, chunks, embedded, embedderProblem } = counts;
        const text = `${documents} documents, ${chunks} passages, ${embedded} of them with a vector.${embedderProblem === undefined ? '' : ` ${embedderProblem}`}`;
        return toolResult({ ...counts }, text);
      }),
  );
}
