import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import type { ServerLog } from '../log.ts';
import type { SearchAnswer, StoredChunk } from '../store/contract.ts';
import { READ_ONLY, answer, toolResult } from '../tool.ts';
import type { Library } from './library.ts';
import { bestQuotes } from './quotes.ts';

const DESCRIPTION =
  'Searches the indexed documents by words and by meaning and answers with passages, each with its file and lines. Ask in plain words. With quotes it also answers with the best single sentences, verbatim.';

const MAX_LIMIT = 50;
const MAX_QUOTES = 20;
/** Sentences are picked from at least so many passages. */
const QUOTED_PASSAGES = 8;

const input = z.object({
  query: z.string().min(1).max(10_000).describe('What to look for, in plain words.'),
  limit: z.int().min(1).max(MAX_LIMIT).default(5).describe('How many passages at most.'),
  mode: z
    .enum(['fused', 'lexical', 'vector'])
    .default('fused')
    .describe('By words and meaning, by words, or by meaning.'),
  path: z.string().min(1).optional().describe('Only in this file, or below this folder.'),
  quotes: z
    .int()
    .min(0)
    .max(MAX_QUOTES)
    .default(0)
    .describe('How many of the best sentences to answer with.'),
});

const passage = z.object({
  text: z.string(),
  source: z.string().describe('The file, relative to the project where it lies in it.'),
  startLine: z.number().optional(),
  endLine: z.number().optional(),
  page: z.number().optional(),
  headings: z.array(z.string()).describe('The headings above the passage, outermost first.'),
  score: z.number(),
  id: z.string().describe('Equal for equal content of the same file, whenever it is indexed.'),
});

const quote = z.object({
  text: z.string(),
  source: z.string(),
  line: z.number().optional(),
  page: z.number().optional(),
  score: z.number(),
});

const output = z.object({
  passages: z.array(passage),
  quotes: z.array(quote),
  mode: z.enum(['fused', 'lexical', 'vector']).describe('What was in fact searched.'),
  vectors: z.enum(['ready', 'partial', 'unavailable', 'unused']),
  note: z.string().optional().describe('Why meaning did not take part in full.'),
});

type Passage = z.infer<typeof passage>;

export function registerSearch(server: McpServer, library: Library, log: ServerLog): void {
  server.registerTool(
    'search',
    {
      title: 'Search documents',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    (request, context) =>
      answer(log, async () => {
        const { query, limit, mode, path, quotes: count } = request;
        const { signal } = context.mcpReq;
        const found = await library.search(query, {
          limit: count > 0 ? Math.max(limit, QUOTED_PASSAGES) : limit,
          mode,
          signal,
          ...(path === undefined ? {} : { filter: { below: library.resolve(path) } }),
        });
        const quotes = count === 0 ? [] : await quotesOf(library, query, found, count, signal);
        const passages = found.hits
          .slice(0, limit)
          .map(({ chunk, score }) => passageOf(library, chunk, score));
        const { mode: searched, vectors, note } = found;
        const structured = {
          passages,
          quotes,
          mode: searched,
          vectors,
          ...(note === undefined ? {} : { note }),
        };
        return toolResult(structured, textOf(passages, found, library));
      }),
  );
}

async function quotesOf(
  library: Library,
  query: string,
  found: SearchAnswer,
  count: number,
  signal: AbortSignal,
) {
  const quotes = await bestQuotes({
    query,
    hits: found.hits,
    count,
    rarity: (stems) => library.store.rarity(stems),
    embedder: library.embedder,
    queryVector: found.queryVector,
    signal,
  });
  return quotes.map(({ uri, ...rest }) => ({ ...rest, source: library.shown(uri) }));
}

function passageOf(library: Library, chunk: StoredChunk, score: number): Passage {
  const { id, text, startLine, endLine, page, headings } = chunk;
  return {
    text,
    source: library.shown(chunk.uri),
    ...(startLine === undefined ? {} : { startLine }),
    ...(endLine === undefined ? {} : { endLine }),
    ...(page === undefined ? {} : { page }),
    headings: [...headings],
    score,
    id,
  };
}

function textOf(passages: readonly Passage[], { note }: SearchAnswer, library: Library): string {
  const blocks = passages.map(({ text, source, startLine, endLine, page, headings }) => {
    const lines = startLine === undefined ? '' : `:${startLine}${endLine === startLine ? '' : `-${endLine}`}`;
    const place = `${source}${page === undefined ? lines : `, page ${page}`}`;
    return `${[place, ...headings].join(' › ')}\n${text}`;
  });
  const { documents } = library.store.counts();
  const empty =
    documents === 0
      ? 'Nothing is indexed yet. Use ingest to add files and folders.'
      : `Nothing in ${documents} documents fits.`;
  return [...(blocks.length === 0 ? [empty] : blocks), ...(note === undefined ? [] : [`(${note})`])].join(
    '\n\n',
  );
}
