import { randomUUID } from 'node:crypto';

import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { IDEMPOTENCY_KEY } from '../../config/idempotency-key.ts';
import type { Store } from '../store/store.ts';
import { answer, toolResult } from '../tool.ts';
import { sessionIdSchema, textSchema } from './context.ts';
import type { MemoryContext } from './context.ts';
import { findEntry, hashOf, putEntry, sessionGroup, turnUri } from './entry.ts';

const DESCRIPTION = `Appends turns of a conversation to the searchable history of its session, in the order given. A turn that carries an id or its time and is sent again is stored once, so that a call whose answer was lost can be repeated.`;

const turnSchema = z.object({
  role: z.string().min(1).max(100).describe('Who spoke: user, assistant, tool …'),
  text: textSchema,
  id: z
    .string()
    .regex(/^[\w.:-]{1,200}$/, 'takes 1 to 200 letters, digits and . : _ -')
    .optional()
    .describe('Names the turn within its session: a turn whose id is there is not stored again.'),
  at: z.iso.datetime({ offset: true }).optional().describe('When, in ISO 8601. Default: now.'),
});

const input = z.object({ sessionId: sessionIdSchema, turns: z.array(turnSchema).min(1).max(1_000) });

const output = z.object({
  sessionId: z.string(),
  appended: z.number(),
  known: z.number().describe('Turns that had been stored before.'),
});

type Turn = z.infer<typeof turnSchema>;

export function registerAppendTurns(server: McpServer, { stores, log }: MemoryContext): void {
  const annotations = {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  };
  server.registerTool(
    'append_turns',
    {
      title: 'Append turns',
      description: DESCRIPTION,
      inputSchema: input,
      outputSchema: output,
      annotations,
      _meta: { [IDEMPOTENCY_KEY]: true },
    },
    ({ sessionId, turns }, { mcpReq }) =>
      answer(log, async () => {
        const key = mcpReq._meta?.[IDEMPOTENCY_KEY];
        const { appended, known } = await stores.project.change(mcpReq.signal, (store) =>
          appendTurns(store, sessionId, turns, typeof key === 'string' && key !== '' ? key : undefined),
        );
        const text = `Appended ${appended} turns to session ${sessionId}.${known > 0 ? ` ${known} were there already.` : ''}`;
        return toolResult({ sessionId, appended, known }, text);
      }),
  );
}

function appendTurns(
  store: Store,
  sessionId: string,
  turns: readonly Turn[],
  key: string | undefined,
): { readonly appended: number; readonly known: number } {
  const seen = new Map<string, number>();
  let appended = 0;
  for (const turn of turns) {
    const content = JSON.stringify([turn.role, turn.at, turn.text]);
    const ordinal = seen.get(content) ?? 0;
    seen.set(content, ordinal + 1);
    const hash = (text: string): string => hashOf(`${ordinal}\n${text}`).slice(0, 32);
    // A turn that says neither is known by the key of the call that brought it.
    const named = turn.at === undefined ? key && hash(`${key}\n${content}`) : hash(content);
    const uri = turnUri(sessionId, turn.id ?? named ?? randomUUID());
    const repeatable = turn.id !== undefined || named !== undefined;
    if (repeatable && findEntry(store, uri) !== undefined) continue;
    putEntry(store, {
      uri,
      kind: 'turn',
      group: sessionGroup(sessionId),
      text: turn.text,
      at: turn.at === undefined ? new Date() : new Date(turn.at),
      metadata: { role: turn.role },
    });
    appended += 1;
  }
  return { appended, known: turns.length - appended };
}
