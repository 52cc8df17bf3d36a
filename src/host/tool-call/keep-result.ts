import { messageOf } from '../../errors.ts';
import type { StepContext, ToolCallRequest } from '../context.ts';
import type { ResultAccess, ResultStore } from '../result/contract.ts';
import type { KeepResult } from './fit-content.ts';

/** Keeps what a call answered, and says so among the events of the run. */
export function resultKeeper(
  results: ResultStore,
  { callId, name }: Pick<ToolCallRequest, 'callId' | 'name'>,
  access: ResultAccess,
  step: StepContext,
): KeepResult {
  return async (content) => {
    try {
      const stored = await results.keep(content, name, access);
      const { uri, mimeType, sizeBytes, characters, lines } = stored;
      step.emit({ type: 'result-stored', callId, name, uri, mimeType, sizeBytes, characters, lines });
      return { type: 'kept', stored };
    } catch (error) {
      const message = messageOf(error);
      step.emit({ type: 'notice', level: 'warn', code: 'result-not-kept', message, data: { callId, name } });
      return { type: 'not-kept', reason: message };
    }
  };
}
