import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { answer, toolResult } from '../tool.ts';
import { textSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { factSchema, updateFact } from './facts.ts';

const DESCRIPTION = `Replaces the text of a remembered fact or note that has changed or was wrong. Id, scope and the day it was first remembered stay.`;

const input = z.object({
  factId: z.string().describe('From recall or list_facts.'),
  text: textSchema.describe('The whole text as it is to be from now on.'),
  source: z.string().max(2_000).optional().describe('Where the change comes from. Default: as before.'),
});

export function registerUpdateFact(server: McpServer, context: MemoryContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  };
  server.registerTool(
    'update_fact',
    {
      title: 'Update fact',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: factSchema,
      annotations,
    },
    ({ factId, text, source }, { mcpReq }) =>
      answer(context.log, async () => {
        const fact = await updateFact(context, { factId, text, source }, mcpReq.signal);
        return toolResult(fact, `Updated ${fact.kind} ${factId} (${fact.scope}).`);
      }),
  );
}
