import { messageOf } from '../../errors.ts';
import type { KeepRequest, KeptContent, StepContext, ToolCallRequest } from '../context.ts';
import type { ResultAccess, ResultStore } from '../result/contract.ts';
import type { KeepResult } from './fit-content.ts';

export interface ResultKeeper {
  readonly keep: KeepResult;
  /** Of all that was kept so far. */
  readonly sizeBytes: () => number;
}

/** Keeps what one call answered, and says so among the events of the run. */
export function createResultKeeper(
  results: ResultStore,
  { callId, name }: Pick<ToolCallRequest, 'callId' | 'name'>,
  access: ResultAccess,
  step: StepContext,
): ResultKeeper {
  let total = 0;
  return {
    sizeBytes: () => total,
    async keep(content) {
      try {
        const stored = await results.keep(content, name, access);
        const { uri, mimeType, sizeBytes, characters, lines } = stored;
        total += sizeBytes;
        step.emit({ type: 'result-stored', callId, name, uri, mimeType, sizeBytes, characters, lines });
        return { type: 'kept', stored };
      } catch (error) {
        const message = messageOf(error);
        step.emit({
          type: 'notice',
          level: 'warn',
          code: 'result-not-kept',
          message,
          data: { callId, name },
        });
        return { type: 'not-kept', reason: message };
      }
    },
  };
}

/** What the next requests of a conversation leave out. */
export async function keepAll(
  results: ResultStore,
  requests: readonly KeepRequest[],
  access: ResultAccess,
  step: StepContext,
): Promise<readonly KeptContent[]> {
  const kept: KeptContent[] = [];
  for (const { content, ...call } of requests) {
    const outcome = await createResultKeeper(results, call, access, step).keep(content);
    if (outcome.type === 'not-kept') {
      kept.push(outcome);
      continue;
    }
    const { uri, mimeType, characters, lines } = outcome.stored;
    kept.push({ type: 'kept', uri, mimeType, characters, lines });
  }
  return kept;
}
