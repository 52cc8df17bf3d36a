/** A conversation of many turns with large results: what a scripted model asks, and what every request to it is counted as. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { ScriptedRequest } from '../../test/fixtures/model/model-server.ts';
import { eventsOf, openTestHost } from '../../test/fixtures/open-host.ts';
import { oversizedServer } from '../../test/fixtures/oversized-server.ts';

export interface ConversationOptions {
  readonly turns: number;
  readonly windowTokens: number;
  /** Of each result, about 27 tokens a line. */
  readonly linesOfResult: number;
}

export interface CountedRequest {
  readonly turn: number;
  readonly isSummary: boolean;
  readonly text: string;
  readonly tokens: number;
}

export interface Conversation {
  readonly requests: readonly CountedRequest[];
  readonly turnMs: readonly number[];
  /** Of this process, host and scripted model together: what other programs do does not count. */
  readonly turnCpuMs: readonly number[];
  readonly reductions: Readonly<Record<string, number>>;
  readonly stored: { readonly files: number; readonly bytes: number };
}

const CHARACTERS_A_TOKEN = 4;

/** As a provider would count: system, tools and messages, about four characters a token. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN);
}

export async function converse(options: ConversationOptions): Promise<Conversation> {
  const { turns, windowTokens, linesOfResult } = options;
  const requests: CountedRequest[] = [];
  let turn = 0;
  await using opened = await openTestHost({
    contextWindowTokens: windowTokens,
    servers: [oversizedServer()],
    script: (request) => {
      const isSummary = request.system.startsWith('You sum up');
      const text = promptText(request);
      const tokens = tokensOf(text);
      requests.push({ turn, isSummary, text, tokens });
      if (tokens > windowTokens) {
        return {
          type: 'failure',
          status: 400,
          code: 'invalid_request_error',
          message: `prompt is too long: ${tokens} tokens > ${windowTokens} maximum`,
        };
      }
      const usage = { inputTokens: tokens };
      if (isSummary)
        return { type: 'answer', text: `Summary up to turn ${turn}. ${'It was so. '.repeat(80)}`, usage };
      if (!endsInResult(request)) {
        const args = { page: turn, lines: linesOfResult };
        return { type: 'answer', usage, toolCalls: [{ name: 'big__page', arguments: args }] };
      }
      return { type: 'answer', usage, text: `On page ${turn} it says ${'this and that '.repeat(25)}` };
    },
  });
  const session = await opened.host.sessions.create();
  const turnMs: number[] = [];
  const turnCpuMs: number[] = [];
  const reductions: Record<string, number> = {};
  for (turn = 0; turn < turns; turn += 1) {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const handle = await opened.host.ask(`What does page ${turn} say? ${'Please be exact. '.repeat(10)}`, {
      sessionId: session.id,
    });
    const events = await eventsOf(handle);
    const outcome = await handle.result;
    turnMs.push(performance.now() - started);
    const { user, system } = process.cpuUsage(cpu);
    turnCpuMs.push((user + system) / 1_000);
    if (outcome.type !== 'done') throw new Error(`turn ${turn}: ${JSON.stringify(outcome).slice(0, 500)}`);
    for (const event of events) {
      if (event.type === 'context-reduced') reductions[event.by] = (reductions[event.by] ?? 0) + 1;
    }
  }
  const folder = join(opened.home, 'results');
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { requests, turnMs, turnCpuMs, reductions, stored: { files: files.length, bytes } };
}

/** In the order in which providers build a prompt; without the marks that ask for caching. */
function promptText({ body }: ScriptedRequest): string {
  return JSON.stringify([body['tools'], body['system'], body['messages']]).replaceAll(
    ',"cache_control":{"type":"ephemeral"}',
    '',
  );
}

function endsInResult({ body }: ScriptedRequest): boolean {
  const messages = body['messages'];
  return Array.isArray(messages) && JSON.stringify(messages.at(-1)).includes('"type":"tool_result"');
}
