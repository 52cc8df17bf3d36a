import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import { limitSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { factDocuments, factOf, factSchema } from './facts.ts';
import type { Fact } from './facts.ts';
import { SCOPES } from './scope-store.ts';

const DESCRIPTION = `Lists remembered facts and notes with their ids, oldest first, those of this project before those of all projects. Use recall to find the ones that matter for a question.`;

const input = z.object({
  scope: z.enum(SCOPES).optional().describe('Only these. Default: both.'),
  limit: limitSchema.optional().describe('Default: 50.'),
  offset: z.number().int().min(0).optional().describe('How many to pass over. Default: 0.'),
});

const output = z.object({
  facts: z.array(factSchema),
  total: z.number().describe('How many there are in all.'),
  nextOffset: z.number().optional().describe('Where to go on; absent at the end.'),
});

export function registerListFacts(server: McpServer, { stores, log }: MemoryContext): void {
  server.registerTool(
    'list_facts',
    {
      title: 'List facts',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations: READ_ONLY,
    },
    ({ scope, limit = 50, offset = 0 }) =>
      answer(log, async () => {
        const wanted = scope === undefined ? SCOPES : [scope];
        const opened = await Promise.all(
          wanted.map(async (name) => ({ name, store: await stores[name].open() })),
        );
        const found = opened.flatMap(({ name, store }) =>
          factDocuments(store).map((document) => ({ name, store, document })),
        );
        const facts = found
          .slice(offset, offset + limit)
          .map(({ name, store, document }) => factOf(store, name, document));
        const next = offset + facts.length;
        const more = next < found.length;
        const text = [
          ...facts.map(lineOf),
          `${facts.length} of ${found.length} facts.${more ? ` Go on with offset ${next}.` : ''}`,
        ].join('\n');
        return toolResult({ facts, total: found.length, ...(more && { nextOffset: next }) }, text);
      }),
  );
}

function lineOf({ factId, kind, scope, text, source, createdAt, updatedAt }: Fact): string {
  const facts = [
    `${kind} ${factId}`,
    scope,
    updatedAt ?? createdAt,
    ...(source === undefined ? [] : [source]),
  ];
  return `[${facts.join(' · ')}] ${text}`;
}
