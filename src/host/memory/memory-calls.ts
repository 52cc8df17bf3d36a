/** The host's own calls of memory within a run: each on a path of its own, allowed by the memory setting. */
import { HostError } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import type { RunContext, ToolCallResult } from '../context.ts';
import type { MemoryServer } from './memory-server.ts';
import { MEMORY_SETTING } from './recall.ts';

const START_TIMEOUT_MS = 30_000;

export type MemoryAnswer =
  | { readonly type: 'done'; readonly structured: JsonObject }
  /** By a rule of the config, or by a guard. */
  | { readonly type: 'forbidden' }
  /** By the memory server, which says why. */
  | { readonly type: 'refused'; readonly message: string };

/** What a tool answered; where it is forbidden there is nothing. Rejects with HostError `memory-unavailable` where it was refused. */
export function requireDone(answer: MemoryAnswer): JsonObject | undefined {
  if (answer.type === 'refused') throw new HostError('memory-unavailable', answer.message);
  return answer.type === 'done' ? answer.structured : undefined;
}

/** One after the other. */
export interface MemoryCalls {
  /**
   * Rejects with HostError `memory-unavailable` where nothing was sent or no answer came, and the same may succeed later.
   */
  call(tool: string, args: JsonObject): Promise<MemoryAnswer>;
}

export async function openMemory(context: RunContext, memory: MemoryServer): Promise<MemoryCalls> {
  const known = await context.step('memory-server', async (step) => {
    if (memory.configured && memory.tool('remember') === undefined)
      await memory.ready(AbortSignal.any([step.signal, AbortSignal.timeout(START_TIMEOUT_MS)]));
    const names = ['recall', 'append_turns', 'remember', 'update_fact', 'forget'].flatMap((tool) => {
      const name = memory.tool(tool);
      return name === undefined ? [] : [[tool, name]];
    });
    return Object.fromEntries(names) as JsonObject;
  });
  let count = 0;
  return {
    async call(tool, args) {
      const name = known[tool];
      if (typeof name !== 'string')
        throw new HostError('memory-unavailable', `The memory server does not offer '${tool}'.`);
      count += 1;
      const branch = context.branch(`memory-${count}`);
      const request = { callId: tool, name, arguments: args, keepResult: true, approvedBy: MEMORY_SETTING };
      return answerOf(await context.tools.call(branch, request));
    },
  };
}

function answerOf({ outcome, result, message = '' }: ToolCallResult): MemoryAnswer {
  switch (outcome) {
    case 'complete': {
      const structured = result?.['structuredContent'];
      return { type: 'done', structured: isJsonObject(structured) ? structured : {} };
    }
    case 'denied':
    case 'waiting':
      return { type: 'forbidden' };
    case 'tool-error':
      if (result !== undefined) return { type: 'refused', message };
      throw new HostError('memory-unavailable', message);
    case 'uncertain':
    case 'cancelled':
    case 'unknown-tool':
    case 'invalid-arguments':
      throw new HostError('memory-unavailable', message);
    default:
      return outcome satisfies never;
  }
}
