import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { HostError } from '../../errors.ts';
import type { StoredDocument } from '../store/contract.ts';
import { answer, toolResult } from '../tool.ts';
import { sessionIdSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { factUri, sessionGroup } from './entry.ts';
import { scopeOfFact } from './facts.ts';
import { SCOPES, type ScopeStore } from './scope-store.ts';

const DESCRIPTION = `Deletes memories for good: one fact (factId), all turns and the summary of a session (sessionId; in whichever project they were said; facts that were learned in it stay), or everything (all: true), which includes the facts that the person's other projects share unless scope says project. Give exactly one of the three. Afterwards nothing of it is left in any file, so it cannot be undone.`;

const input = z.object({
  factId: z.string().optional().describe('From recall or list_facts.'),
  sessionId: sessionIdSchema.optional(),
  all: z.literal(true).optional(),
  scope: z
    .enum(SCOPES)
    .optional()
    .describe('With all: only what belongs to this project, or only what all projects share. Default: both.'),
});

const output = z.object({ forgotten: z.number().describe('How many facts, turns and summaries.') });

type Input = z.infer<typeof input>;

export function registerForget(server: McpServer, context: MemoryContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  };
  server.registerTool(
    'forget',
    { title: 'Forget', description: DESCRIPTION, inputSchema: input, outputSchema: output, annotations },
    (what, { mcpReq }) =>
      answer(context.log, async () => {
        const forgotten = await forget(context, what, mcpReq.signal);
        const text =
          forgotten === 0
            ? 'There was nothing to forget.'
            : `Forgot ${forgotten} facts, turns or summaries; nothing of them is left on the disk.`;
        return toolResult({ forgotten }, text);
      }),
  );
}

async function forget(context: MemoryContext, what: Input, signal: AbortSignal): Promise<number> {
  const { factId, sessionId, all, scope } = what;
  if ([factId, sessionId, all].filter((choice) => choice !== undefined).length !== 1) {
    throw new HostError(
      'wrong-arguments',
      'forget takes exactly one of factId, sessionId and all: true. Nothing was forgotten.',
    );
  }
  if (scope !== undefined && all === undefined) {
    throw new HostError('wrong-arguments', 'scope goes only together with all: true. Nothing was forgotten.');
  }
  if (factId !== undefined) {
    const home = await scopeOfFact(context, factId);
    return home.forget(signal, () => [factUri(factId)]);
  }
  if (sessionId !== undefined) {
    const group = sessionGroup(sessionId);
    const leave = (home: ScopeStore): Promise<number> =>
      home.forget(signal, (store) => store.documents({ group }).map(uriOf));
    // A session can have been continued in another folder, or be forgotten from there.
    return (await leave(context.stores.project)) + (await context.others.sum(leave));
  }
  let forgotten = 0;
  for (const name of scope === undefined ? SCOPES : [scope]) {
    forgotten += await context.stores[name].forget(signal, (store) => store.documents().map(uriOf));
  }
  return forgotten;
}

function uriOf({ uri }: StoredDocument): string {
  return uri;
}
