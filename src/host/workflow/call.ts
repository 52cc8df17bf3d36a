import type { Json, JsonObject } from '../../json.ts';
import type { ToolCallRequest, ToolCallResult } from '../context.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';

export type CallInput = Pick<ToolCallRequest, 'name' | 'timeoutMs' | 'approvedBy' | 'meta' | 'forClient'> & {
  readonly arguments: JsonObject;
};

/** One tool call that a person or a program asked for itself, on the same path as a model's. */
export const callWorkflow: RegisteredWorkflow<CallInput & Json, ToolCallResult & Json> = {
  name: 'call',
  run: (context, input: CallInput) =>
    context.tools.call(context, {
      ...input,
      callId: 'call',
      keepResult: true,
      direct: true,
    }),
};
