/** The shipped memory server as a process of its own, asked over stdio as the host asks it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { PROGRAM, programEnvironment } from '../retrieval/running-server.ts';
import type { Session } from './generate.ts';

/** `words`: as on a machine without the embedder. */
export type FoundBy = 'words and meaning' | 'words';

export interface RunningMemory extends AsyncDisposable {
  append(session: Session): Promise<void>;
  /** The id of the fact. */
  remember(text: string, source: string): Promise<string>;
  update(factId: string, text: string): Promise<void>;
  /** Waits until everything that was stored is found by meaning as well as by words. */
  settled(): Promise<void>;
  /** Any of its tools; gives the structured part of the answer. */
  call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The texts of all facts. */
  facts(): Promise<readonly string[]>;
  /** As a request asks: within the tokens that the host allows. */
  recall(query: string): Promise<{ readonly texts: readonly string[]; readonly ms: number }>;
}

const RECALL_LIMIT = 20;
const RECALL_TOKENS = 800;
const POLL_MS = 500;
const MOST_POLLS = 600;

/** In a project and a home folder of its own, which are removed at the end. */
export async function startMemory(by: FoundBy): Promise<RunningMemory> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-bench-memory-')));
  const [project, home] = [join(folder, 'project'), join(folder, 'home')];
  for (const path of [project, home]) mkdirSync(path, { mode: 0o700 });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'server', 'memory', '--project', project],
    env: {
      ...getDefaultEnvironment(),
      ...programEnvironment(home),
      ...(by === 'words' && { SWITCHYARD_EMBEDDER: join(folder, 'none') }),
    },
    stderr: 'inherit',
  });
  const client = new Client({ name: 'bench', version: '1' });

  await client.connect(transport);
  const call = async (name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const result = await client.callTool({ name, arguments: args });
    if (result.isError === true) throw new Error(`${name} failed: ${JSON.stringify(result.content)}`);
    return result.structuredContent as Record<string, unknown>;
  };
  return {
    append: async ({ id, turns }) => {
      const sent = turns.map(({ role, text, at }) => ({ role, text, at }));
      await call('append_turns', { sessionId: id, turns: sent });
    },
    remember: async (text, source) => String((await call('remember', { text, source }))['factId']),
    update: async (factId, text) => {
      await call('update_fact', { factId, text });
    },
    settled: async () => {
      if (by === 'words') return;
      for (let poll = 0; poll < MOST_POLLS; poll += 1) {
        const { mode, note } = await call('recall', { query: 'anything' });
        if (mode === 'fused' && note === undefined) return;
        await delay(POLL_MS);
      }
      throw new Error('Not everything in memory was embedded; is the embedder there?');
    },
    call,
    facts: async () => {
      const texts: string[] = [];
      for (let offset: unknown = 0; typeof offset === 'number'; ) {
        const page = await call('list_facts', { limit: 100, offset });
        texts.push(...(page['facts'] as readonly { readonly text: string }[]).map(({ text }) => text));
        offset = page['nextOffset'];
      }
      return texts;
    },
    recall: async (query) => {
      const start = performance.now();
      const args = { query, limit: RECALL_LIMIT, budgetTokens: RECALL_TOKENS };
      const { memories } = await call('recall', args);
      const texts = (memories as readonly { readonly text: string }[]).map(({ text }) => text);
      return { texts, ms: performance.now() - start };
    },
    [Symbol.asyncDispose]: async () => {
      await client.close();
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}
