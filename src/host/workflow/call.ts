import type { Json, JsonObject } from '../../json.ts';
import type { ToolCallResult } from '../context.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';

export type CallInput = { readonly name: string; readonly arguments: JsonObject };

/** One tool call that a person or a program asked for itself, on the same path as a model's. */
export const callWorkflow: RegisteredWorkflow<CallInput & Json, ToolCallResult & Json> = {
  name: 'call',
  run: (context, input) =>
    context.tools.call(context, {
      callId: 'call',
      name: input.name,
      arguments: input.arguments,
      keepResult: true,
    }),
};
