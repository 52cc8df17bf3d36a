import { messageOf } from '../../errors.ts';
import type { StepContext, ToolCallRequest } from '../context.ts';
import type { ResultAccess, ResultStore } from '../result/contract.ts';
import type { KeepResult } from './fit-content.ts';

export interface ResultKeeper {
  readonly keep: KeepResult;
  /** Of all that was kept so far. */
  readonly sizeBytes: number;
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
    get sizeBytes() {
      return total;
    },
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
