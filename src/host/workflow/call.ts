import type { Json, JsonObject } from '../../json.ts';
import type { ToolCallResult } from '../context.ts';
import type { RegisteredWorkflow } from '../engine/engine.ts';

export type CallInput = {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly timeoutMs?: number;
  /** See ToolCallRequest. */
  readonly approvedBy?: string;
};

/** One tool call that a person or a program asked for itself, on the same path as a model's. */
export const callWorkflow: RegisteredWorkflow<CallInput & Json, ToolCallResult & Json> = {
  name: 'call',
  run: (context, { name, arguments: args, timeoutMs, approvedBy }: CallInput) =>
    context.tools.call(context, {
      callId: 'call',
      name,
      arguments: args,
      keepResult: true,
      direct: true,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(approvedBy === undefined ? {} : { approvedBy }),
    }),
};
