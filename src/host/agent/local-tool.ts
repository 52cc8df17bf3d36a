/** Tools of a workflow's own, which no server has: to answer in a shape, to ask another agent, to hand over to one. */
import { HostError, messageOf, toHostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { RunContext, ToolCallResult } from '../context.ts';
import type { ModelTool, ToolCallPart } from '../model/model.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';
import { loadValidator } from '../tool-call/load-validator.ts';

export interface LocalTool {
  readonly definition: ModelTool;
  /** Calls of it may run side by side. */
  readonly parallel: boolean;
  /** Called on a branch of its own, with arguments that fit the schema. What it rejects with is told to the model. */
  call(context: RunContext, args: JsonObject): Promise<LocalAnswer>;
}

export type LocalAnswer =
  | { readonly type: 'answer'; readonly text: string; readonly isError?: boolean }
  /** The model has said all that was wanted of it. */
  | { readonly type: 'end'; readonly value: Json };

export interface LocalCalled {
  readonly result: ToolCallResult;
  readonly end?: { readonly value: Json };
}

export async function callLocalTool(
  context: RunContext,
  call: ToolCallPart,
  tool: LocalTool,
): Promise<LocalCalled> {
  const { callId, name, arguments: args = {} } = call;
  context.emit({ type: 'tool-call-start', callId, name, server: HOST_SERVER, arguments: args });
  const answer = await answerTo(context, call, tool);
  const text = answer.type === 'end' ? 'Taken.' : answer.text;
  const isError = answer.type === 'answer' && answer.isError === true;
  const outcome = isError ? 'tool-error' : 'complete';
  context.emit({
    type: 'tool-call-end',
    callId,
    name,
    server: HOST_SERVER,
    outcome,
    sizeBytes: Buffer.byteLength(text),
    text,
    durationMs: 0,
    ...(isError ? { error: { code: outcome, message: text } } : {}),
  });
  const result: ToolCallResult = { callId, name, outcome, isError, content: [{ type: 'text', text }] };
  return answer.type === 'end' ? { result, end: { value: answer.value } } : { result };
}

async function answerTo(context: RunContext, call: ToolCallPart, tool: LocalTool): Promise<LocalAnswer> {
  const { name, definition } = { ...call, ...tool };
  if (call.arguments === undefined) {
    const problem = `The arguments of ${name} are no JSON object. Send the call again.`;
    return { type: 'answer', text: problem, isError: true };
  }
  const { validateArguments } = await loadValidator();
  const validation = validateArguments(definition.inputSchema, call.arguments);
  if (validation.type === 'invalid') {
    const text = `The arguments of ${name} do not fit its schema: ${validation.problems.join('; ')}. Send the call again.`;
    return { type: 'answer', text, isError: true };
  }
  try {
    return await tool.call(context, call.arguments);
  } catch (thrown) {
    if (!isOwnFailure(context, thrown)) throw thrown;
    return { type: 'answer', text: `${name} failed: ${messageOf(thrown)}`, isError: true };
  }
}

/** Whether it is a failure of what is done on this branch, and not the end of more than that. */
export function isOwnFailure(
  { signal, path }: Pick<RunContext, 'signal' | 'path'>,
  thrown: unknown,
): boolean {
  if (signal.aborted) return false;
  const error = thrown instanceof HostError ? thrown : toHostError(thrown);
  switch (error.code) {
    case 'cancelled':
    case 'journal-mismatch':
    case 'journal-unavailable':
    case 'run-lost':
    case 'suspended':
      return false;
    case 'limit-reached': {
      const { branch } = (error.data ?? {}) as { readonly branch?: string };
      return branch !== undefined && (path === '' || branch === path || branch.startsWith(`${path}/`));
    }
    default:
      return true;
  }
}
