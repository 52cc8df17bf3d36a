import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { answer, toolResult } from '../tool.ts';
import { textSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { FACT_KINDS } from './entry.ts';
import { factSchema, rememberFact } from './facts.ts';
import { SCOPES } from './scope-store.ts';

const DESCRIPTION = `Stores one fact or note for later sessions. Write it so that it is understood alone: names instead of "he" or "it", dates instead of "yesterday". A text that is stored already is not stored twice; the answer then names the fact that holds it.`;

const input = z.object({
  text: textSchema.describe('The fact or note, understandable alone.'),
  kind: z.enum(FACT_KINDS).optional().describe('Default: fact.'),
  scope: z
    .enum(SCOPES)
    .optional()
    .describe('project (default): recalled in this project only. person: recalled in all projects.'),
  source: z.string().max(2_000).optional().describe('Where it comes from: a session, a file, a person.'),
});

const output = factSchema.extend({ stored: z.boolean().describe('False: the same text was known already.') });

export function registerRemember(server: McpServer, context: MemoryContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  };
  server.registerTool(
    'remember',
    { title: 'Remember', description: DESCRIPTION, inputSchema: input, outputSchema: output, annotations },
    ({ text, kind = 'fact', scope = 'project', source }, { mcpReq }) =>
      answer(context.log, async () => {
        const { fact, stored } = await rememberFact(context, { text, kind, scope, source }, mcpReq.signal);
        const said = stored
          ? `Remembered as ${fact.kind} ${fact.factId} (${fact.scope}).`
          : `Known already as ${fact.kind} ${fact.factId} (${fact.scope}), since ${fact.createdAt}.`;
        return toolResult({ ...fact, stored }, said);
      }),
  );
}
