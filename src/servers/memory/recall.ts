import type { McpServer } from '@modelcontextprotocol/server';
import { estimateTokenCount } from 'tokenx';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import { limitSchema, sessionIdSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { FACT_KINDS, sessionGroup } from './entry.ts';
import { outdatedAmong } from './outdated.ts';
import { findEntries, foundSchema, howFound, lineOf, modeSchema } from './find-entries.ts';
import type { Found, Place } from './find-entries.ts';

const DESCRIPTION = `Finds what memory holds on a question, by words and by meaning: facts and notes of this project and of the person, what was said in earlier sessions, and their summaries, each with its date and source, best first; what has nothing to do with the question is left out. Memories are what someone once said or stored; they may be out of date.`;

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
  only: z
    .enum(['facts', 'history'])
    .optional()
    .describe('Only facts and notes, or only what was said and its summaries. Default: both.'),
  exceptSessionId: sessionIdSchema
    .optional()
    .describe('Leaves out what was said in this session, for one who has it before them.'),
  embedWithinMs: z
    .number()
    .int()
    .min(0)
    .max(60_000)
    .optional()
    .describe('How long the query may take to be embedded before words must do alone. Default: 2500.'),
});

const output = z.object({
  memories: z.array(foundSchema),
  tokens: z.number().describe('What they cost, estimated.'),
  omitted: z.number().describe('How many more were found and did not fit the budget.'),
  outdated: z
    .number()
    .describe('How many turns were left out because a fact that they tell has changed since.'),
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
    ({ query, limit = 10, budgetTokens = DEFAULT_BUDGET_TOKENS, embedWithinMs, ...which }, { mcpReq }) =>
      answer(log, async () => {
        const { found: all, ...how } = await findEntries(query, placesOf(stores, which), {
          // Some of them may be outdated.
          limit: limit * 2,
          signal: mcpReq.signal,
          onlyRelevant: true,
          ...(embedWithinMs !== undefined && { vectorTimeoutMs: embedWithinMs }),
        });
        const opened = [await stores.project.open(), await stores.person.open()];
        const gone = outdatedAmong(
          all.filter(({ type }) => type === 'turn'),
          opened,
        );
        const holding = all.filter((one) => !gone.has(one));
        const outdated = all.length - holding.length;
        const found = holding.slice(0, limit);
        const { memories, tokens } = withinBudget(found, budgetTokens);
        const omitted = found.length - memories.length;
        const head =
          found.length === 0
            ? 'Memory holds nothing on this.'
            : `${memories.length} memories (${tokens} tokens):`;
        const left = omitted === 0 ? [] : [`${omitted} more did not fit ${budgetTokens} tokens.`];
        const text = [head, ...memories.map(lineOf), ...left, howFound(how)].join('\n');
        return toolResult({ memories, tokens, omitted, outdated, ...how }, text);
      }),
  );
}

/** Asked for apart, so that a long history does not push the few facts out of the ranking. */
function placesOf(
  stores: MemoryContext['stores'],
  { only, exceptSessionId }: Pick<z.infer<typeof input>, 'only' | 'exceptSessionId'>,
): readonly Place[] {
  const except = exceptSessionId === undefined ? {} : { exceptGroup: sessionGroup(exceptSessionId) };
  const facts = [stores.project, stores.person].map((home) => ({ home, filter: { kinds: FACT_KINDS } }));
  const history = ['summary', 'turn'].map((kind) => ({
    home: stores.project,
    filter: { kinds: [kind], ...except },
  }));
  return [...(only === 'history' ? [] : facts), ...(only === 'facts' ? [] : history)];
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
