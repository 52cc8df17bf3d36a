import type { McpServer } from '@modelcontextprotocol/server';
import { estimateTokenCount } from 'tokenx';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import { limitSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { FACT_KINDS } from './entry.ts';
import { findEntries, foundSchema, howFound, lineOf, modeSchema } from './find-entries.ts';
import type { Found } from './find-entries.ts';

const DESCRIPTION = `Finds what memory holds on a question, by words and by meaning: facts and notes of this project and of the person, what was said in earlier sessions, and their summaries, each with its date and source, best first. Memories are what someone once said or stored; they may be out of date.`;

const DEFAULT_BUDGET_TOKENS = 2_000;

const input = z.object({
  query: z.string().min(1).describe('A question or a few words.'),
  limit: limitSchema.optional().describe('Default: 10.'),
  budgetTokens: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(`What the memories may cost together, estimated. Default: ${DEFAULT_BUDGET_TOKENS}.`),
});

const output = z.object({
  memories: z.array(foundSchema),
  tokens: z.number().describe('What they cost, estimated.'),
  omitted: z.number().describe('How many more were found and did not fit the budget.'),
  mode: modeSchema,
  note: z.string().optional(),
});

export function registerRecall(server: McpServer, { stores, log }: MemoryContext): void {
  server.registerTool(
    'recall',
    {
      title: 'Recall',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ query, limit = 10, budgetTokens = DEFAULT_BUDGET_TOKENS }, { mcpReq }) =>
      answer(log, async () => {
        // Asked for apart, so that a long history does not push the few facts out of the ranking.
        const places = [
          { home: stores.project, filter: { kinds: [...FACT_KINDS, 'summary'] } },
          { home: stores.person, filter: { kinds: FACT_KINDS } },
          { home: stores.project, filter: { kinds: ['turn'] } },
        ];
        const { found, ...how } = await findEntries(query, places, limit, mcpReq.signal);
        const { memories, tokens } = withinBudget(found, budgetTokens);
        const omitted = found.length - memories.length;
        const head =
          found.length === 0
            ? 'Memory holds nothing on this.'
            : `${memories.length} memories (${tokens} tokens):`;
        const left = omitted === 0 ? [] : [`${omitted} more did not fit ${budgetTokens} tokens.`];
        const text = [head, ...memories.map(lineOf), ...left, howFound(how)].join('\n');
        return toolResult({ memories, tokens, omitted, ...how }, text);
      }),
  );
}

/** Takes the best that fit; a long one that does not fit leaves its room to those after it. */
function withinBudget(
  found: readonly Found[],
  budgetTokens: number,
): { readonly memories: readonly Found[]; readonly tokens: number } {
  const memories: Found[] = [];
  let tokens = 0;
  for (const memory of found) {
    const cost = estimateTokenCount(lineOf(memory));
    if (tokens + cost > budgetTokens) continue;
    memories.push(memory);
    tokens += cost;
  }
  return { memories, tokens };
}
