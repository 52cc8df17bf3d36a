/**
 * After a run, as a run of its own: the exchange goes into memory's history, and what it says for later into its facts. All of it
 * can be done again without storing anything twice: turns carry ids, equal facts are stored once.
 */
import type { Json } from '../../json.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';
import type { Exchange } from './exchange.ts';
import type { MemoryOperation } from './extract/operation.ts';
import { extractOperations } from './extract-operations.ts';
import { type MemoryCalls, openMemory, requireDone } from './memory-calls.ts';
import type { MemoryServer } from './memory-server.ts';

export type RememberInput = {
  readonly exchange: Exchange;
  readonly extract: 'model' | 'rules' | 'off';
  /** What an earlier attempt found in it: done again as it is. */
  readonly operations?: readonly MemoryOperation[];
};

export type RememberOutput = {
  readonly turns: number;
  readonly remembered: number;
  readonly updated: number;
  readonly forgotten: number;
};

export interface RememberParts {
  readonly memory: MemoryServer;
  /** Keeps what was found until it is stored, so that another attempt does not find something else. */
  readonly keepOperations: (runId: string, operations: readonly MemoryOperation[]) => Promise<void>;
}

const NOTHING: RememberOutput = { turns: 0, remembered: 0, updated: 0, forgotten: 0 };

/** Rejects with HostError `memory-unavailable` where the same can be tried again later. */
export function rememberWorkflow(
  parts: RememberParts,
): RegisteredWorkflow<RememberInput & Json, RememberOutput & Json> {
  return {
    name: 'remember',
    run: async (context, input: RememberInput) => {
      const calls = await openMemory(context, parts.memory);
      const turns = await appendTurns(calls, input.exchange);
      const operations = input.operations ?? (await extractOperations(context, calls, input));
      const { runId } = input.exchange;
      await context.step('keep-operations', async () => {
        await parts.keepOperations(runId, operations);
        return null;
      });
      let output: RememberOutput = { ...NOTHING, turns };
      for (const operation of operations) output = add(output, await apply(calls, operation, input.exchange));
      context.emit({ type: 'remember', ...output });
      return output;
    },
  };
}

async function appendTurns(calls: MemoryCalls, exchange: Exchange): Promise<number> {
  const { sessionId, runId, request, answer, requestedAt, answeredAt } = exchange;
  if (sessionId === undefined) return 0;
  const turns = [
    { id: `${runId}.1`, role: 'user', text: request, at: requestedAt },
    { id: `${runId}.2`, role: 'assistant', text: answer, at: answeredAt },
  ];
  const stored = requireDone(await calls.call('append_turns', { sessionId, turns }));
  const appended = stored?.['appended'];
  return typeof appended === 'number' ? appended : 0;
}

async function apply(
  calls: MemoryCalls,
  operation: MemoryOperation,
  exchange: Exchange,
): Promise<Partial<RememberOutput>> {
  const source = sourceOf(exchange);
  switch (operation.type) {
    case 'remember': {
      const { text, scope } = operation;
      const stored = requireDone(await calls.call('remember', { text, scope, source }));
      return stored?.['stored'] === true ? { remembered: 1 } : {};
    }
    case 'update': {
      const { factId, text, scope } = operation;
      const answer = await calls.call('update_fact', { factId, text, source });
      if (answer.type === 'done') return { updated: 1 };
      // It was forgotten meanwhile, or another fact says the same: the statement itself is not to be lost.
      return answer.type === 'refused' ? apply(calls, { type: 'remember', text, scope }, exchange) : {};
    }
    case 'forget': {
      const answer = await calls.call('forget', { factId: operation.factId });
      return answer.type === 'done' ? { forgotten: 1 } : {};
    }
    default:
      return operation satisfies never;
  }
}

function sourceOf({ sessionId }: Exchange): string {
  return sessionId === undefined ? 'a request of the person' : `session ${sessionId}`;
}

function add(sum: RememberOutput, more: Partial<RememberOutput>): RememberOutput {
  return {
    turns: sum.turns + (more.turns ?? 0),
    remembered: sum.remembered + (more.remembered ?? 0),
    updated: sum.updated + (more.updated ?? 0),
    forgotten: sum.forgotten + (more.forgotten ?? 0),
  };
}
