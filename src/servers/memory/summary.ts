import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { READ_ONLY, answer, toolResult } from '../tool.ts';
import { sessionIdSchema, textSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { findEntry, putEntry, sessionGroup, summaryUri, textOf, timeOf } from './entry.ts';

const SAVE = `Stores the summary of a session in place of the one it had. recall finds it.`;
const GET = `Gives the stored summary of a session, or says that there is none.`;

const saveInput = z.object({ sessionId: sessionIdSchema, text: textSchema.describe('The whole summary.') });
const saveOutput = z.object({ sessionId: z.string(), savedAt: z.string(), replaced: z.boolean() });
const getInput = z.object({ sessionId: sessionIdSchema });
const getOutput = z.object({
  sessionId: z.string(),
  found: z.boolean(),
  text: z.string().optional(),
  savedAt: z.string().optional().describe('ISO 8601, UTC.'),
});

export function registerSaveSummary(server: McpServer, { stores, log }: MemoryContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  };
  server.registerTool(
    'save_summary',
    {
      title: 'Save summary',
      description: SAVE,
      inputSchema: saveInput,
      outputSchema: saveOutput,
      annotations,
    },
    ({ sessionId, text }, { mcpReq }) =>
      answer(log, async () => {
        const at = new Date();
        const uri = summaryUri(sessionId);
        const replaced = await stores.project.change(mcpReq.signal, (store) => {
          const known = findEntry(store, uri) !== undefined;
          putEntry(store, { uri, kind: 'summary', group: sessionGroup(sessionId), text, at, metadata: {} });
          return known;
        });
        const facts = { sessionId, savedAt: at.toISOString(), replaced };
        return toolResult(facts, `${replaced ? 'Replaced' : 'Saved'} the summary of session ${sessionId}.`);
      }),
  );
}

export function registerGetSummary(server: McpServer, { stores, log }: MemoryContext): void {
  server.registerTool(
    'get_summary',
    {
      title: 'Get summary',
      description: GET,
      inputSchema: getInput,
      outputSchema: getOutput,
      annotations: READ_ONLY,
    },
    ({ sessionId }) =>
      answer(log, async () => {
        const store = await stores.project.open();
        const uri = summaryUri(sessionId);
        const document = findEntry(store, uri);
        if (document === undefined) {
          return toolResult({ sessionId, found: false }, `Session ${sessionId} has no summary.`);
        }
        const text = textOf(store, uri);
        return toolResult({ sessionId, found: true, text, savedAt: timeOf(document) }, text);
      }),
  );
}
