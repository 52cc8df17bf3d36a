import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import { limitSchema, sessionIdSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { sessionGroup } from './entry.ts';
import { findEntries, foundSchema, howFound, lineOf, modeSchema } from './find-entries.ts';

const DESCRIPTION = `Finds what was said in this project's conversations, by words and by meaning: turns verbatim with session, speaker and time, best first.`;

const input = z.object({
  query: z.string().min(1).describe('A question or a few words.'),
  sessionId: sessionIdSchema.optional().describe('Only in this session. Default: in all of this project.'),
  limit: limitSchema.optional().describe('Default: 10.'),
});

const output = z.object({ turns: z.array(foundSchema), mode: modeSchema, note: z.string().optional() });

export function registerSearchHistory(server: McpServer, { stores, log }: MemoryContext): void {
  server.registerTool(
    'search_history',
    {
      title: 'Search history',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ query, sessionId, limit = 10 }, { mcpReq }) =>
      answer(log, async () => {
        const filter = {
          kinds: ['turn'],
          ...(sessionId !== undefined && { group: sessionGroup(sessionId) }),
        };
        const places = [{ home: stores.project, filter }];
        const { found, ...how } = await findEntries(query, places, { limit, signal: mcpReq.signal });
        const head = found.length === 0 ? 'Nothing was found.' : `${found.length} turns:`;
        const text = [head, ...found.map(lineOf), howFound(how)].join('\n');
        return toolResult({ turns: found, ...how }, text);
      }),
  );
}
