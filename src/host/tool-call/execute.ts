import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { CallOutcome, Registry } from '../../registry/contract.ts';
import type { StepContext, ToolCallRequest, ToolCallResult } from '../context.ts';
import type { Guards } from '../guard/verdict.ts';
import { ALL_MEDIA } from '../model/media.ts';
import type { Usage } from '../model/model.ts';
import type { ResultAccess, ResultStore } from '../result/contract.ts';
import { expandHandles } from './expand-handles.ts';
import { finalize } from './finalize.ts';
import { guardOutcome } from './guard-outcome.ts';
import type { HostTool, HostToolContext } from './host-tool.ts';
import { createInputAnswerer, type InputAnswerer, type InputOptions } from './input.ts';
import { createResultKeeper } from './keep-result.ts';
import type { Prepared } from './prepare.ts';

export interface ExecuteOptions {
  readonly registry: Pick<Registry, 'call'>;
  readonly guards: Guards;
  /** Answers servers' elicitation, sampling and roots requests made during a call. */
  readonly input: InputOptions;
  readonly results: ResultStore;
  /** The most tokens of text that one result gives to a model, estimated. */
  readonly maxResultTokens: () => number;
}

export interface Execution {
  readonly request: ToolCallRequest;
  readonly prepared: Extract<Prepared, { type: 'ready' }>;
  /** Present where it is a tool of the host itself. */
  readonly hostTool: HostTool | undefined;
  readonly access: ResultAccess;
}

export type Finished = {
  readonly result: ToolCallResult;
  readonly durationMs: number;
  readonly sizeBytes: number;
  /** What was kept beside that, because it was too large. */
  readonly storedBytes: number;
  readonly sampled: readonly { readonly usage: Usage; readonly costUsd?: number }[];
};

/** Sends a call that was prepared, once, and makes of its answer what the model and the caller get. */
export async function execute(
  { request, prepared, hostTool, access }: Execution,
  step: StepContext,
  options: ExecuteOptions,
): Promise<Finished> {
  const started = performance.now();
  const maxTokens = Math.min(options.maxResultTokens(), request.maxResultTokens ?? Number.POSITIVE_INFINITY);
  const answerer = createInputAnswerer(options.input);
  const outcome = hostTool
    ? await callHostTool(hostTool, prepared.arguments, { access, maxTokens, signal: step.signal })
    : await callServer({ request, prepared, access }, answerer, step, options);
  const { callId, name } = request;
  const guarded = await guardOutcome(
    outcome,
    { callId, name, server: prepared.server },
    options.guards,
    step,
  );
  const keeper = createResultKeeper(options.results, request, access, step);
  const fitted = await finalize(request, guarded, {
    maxTokens: hostTool ? Number.POSITIVE_INFINITY : maxTokens,
    accepts: request.accepts ?? ALL_MEDIA,
    keep: keeper.keep,
  });
  const finalized = withEditNote(fitted, prepared);
  const { result: _, ...withoutAnswer } = finalized;
  const result = request.keepResult ? finalized : withoutAnswer;
  return {
    result,
    durationMs: performance.now() - started,
    sizeBytes: sizeOf(result),
    storedBytes: keeper.sizeBytes,
    sampled: answerer.sampled.map(({ usage, costUsd }) => ({
      usage,
      ...(costUsd === undefined ? {} : { costUsd }),
    })),
  };
}

const MAX_NOTED_CHARACTERS = 2_000;

/** The model asked for something else than what was run, and must not take the answer for one to its own call. */
function withEditNote(
  result: ToolCallResult,
  { approval }: Extract<Prepared, { type: 'ready' }>,
): ToolCallResult {
  if (approval?.arguments === undefined) return result;
  const run = JSON.stringify(approval.arguments);
  const shown =
    run.length <= MAX_NOTED_CHARACTERS
      ? run
      : `${run.slice(0, MAX_NOTED_CHARACTERS)}… (${run.length} characters)`;
  const text = `[The person changed the arguments of this call. It was run with ${shown}]`;
  return { ...result, content: [{ type: 'text', text }, ...result.content] };
}

/** The handles among the arguments are replaced here and not in what was prepared: a journal keeps the handles. */
async function callServer(
  { request, prepared, access }: Omit<Execution, 'hostTool'>,
  answerer: InputAnswerer,
  step: StepContext,
  { registry, results }: ExecuteOptions,
): Promise<CallOutcome> {
  const expanded = await expandHandles(prepared.arguments, results, access);
  if (expanded.type === 'refused')
    return { type: 'tool-error', code: 'invalid-arguments', message: expanded.message };
  return registry.call(request.name, expanded.arguments, {
    signal:
      request.withinMs === undefined
        ? step.signal
        : AbortSignal.any([step.signal, AbortSignal.timeout(request.withinMs)]),
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    onProgress: (progress) => step.emit({ type: 'tool-call-progress', callId: request.callId, ...progress }),
    onInput: (question) => answerer.answer(question, step),
  });
}

/** What the tool refuses is an answer like that of any other tool. */
async function callHostTool(
  tool: HostTool,
  args: JsonObject,
  context: HostToolContext,
): Promise<CallOutcome> {
  try {
    return { type: 'complete', result: await tool.call(args, context) };
  } catch (error) {
    if (!(error instanceof HostError) || context.signal.aborted) throw error;
    return { type: 'tool-error', code: error.code, message: error.message };
  }
}

/** What a model is given: UTF-8 bytes of text and characters of base64. */
export function sizeOf(result: ToolCallResult): number {
  return result.content.reduce(
    (sum, part) => sum + (part.type === 'text' ? Buffer.byteLength(part.text) : part.base64.length),
    0,
  );
}
