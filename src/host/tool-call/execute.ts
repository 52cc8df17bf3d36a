import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { CallOutcome, ClientKey } from '../../registry/contract.ts';
import type { StepContext, ToolCallRequest, ToolCallResult } from '../context.ts';
import type { Guards } from '../guard/verdict.ts';
import { ALL_MEDIA } from '../model/media.ts';
import type { ResultAccess } from '../result/contract.ts';
import { type CallServerOptions, callServer, type Sent } from './call-server.ts';
import type { CallClaim, Called, SampledUsage, Sending, Uncertain } from './called.ts';
import { finalize } from './finalize.ts';
import { guardOutcome } from './guard-outcome.ts';
import type { HostTool, HostToolContext } from './host-tool.ts';
import { askableOf, createInputAnswerer, type InputOptions, sampledOf } from './input.ts';
import { createResultKeeper } from './keep-result.ts';
import type { Ready } from './prepare.ts';
import { withEditNote, withRepeatNote } from './result-notes.ts';

export interface ExecuteOptions extends CallServerOptions {
  readonly guards: Guards;
  /** Answers servers' elicitation, sampling and roots requests made during a call. */
  readonly input: InputOptions;
  /** The most tokens of text that one result gives to a model, estimated. */
  readonly maxResultTokens: () => number;
}

export interface Execution {
  readonly request: ToolCallRequest;
  readonly prepared: Ready;
  /** Present where it is a tool of the host itself. */
  readonly hostTool: HostTool | undefined;
  readonly access: ResultAccess;
  readonly sending: Sending;
}

/**
 * Sends a call that was prepared, once, and makes of its answer what the model and the caller get. Where an earlier
 * execution of the step sent it, and came to no end, nothing is sent.
 */
export async function execute(
  execution: Execution,
  step: StepContext,
  options: ExecuteOptions,
): Promise<Called> {
  const { request, prepared, hostTool, access, sending } = execution;
  const claim = step.claims.at(-1) as CallClaim | undefined;
  if (claim !== undefined) return interrupted(claim);
  const started = performance.now();
  const maxTokens = Math.min(options.maxResultTokens(), request.maxResultTokens ?? Number.POSITIVE_INFINITY);
  const caller = options.input.callerOf(access.runId ?? '');
  const answerer = createInputAnswerer(options.input, access, caller);
  const sent = hostTool
    ? await callHostTool(hostTool, prepared.arguments, { access, maxTokens, signal: step.signal })
    : await callServer(
        execution,
        {
          answerer,
          client: caller?.client ?? clientOf(access),
          ...(caller === undefined ? {} : { clientCapabilities: askableOf(options.input, caller) }),
          ...(caller?.asksForUrls === true ? { asksForUrls: true } : {}),
        },
        step,
        options,
      );
  const { outcome, left } = sent;
  if (step.signal.aborted && endsWithRun(outcome)) leaveOpen(execution, step, left, started);
  const spent = (): { readonly durationMs: number; readonly sampled: readonly SampledUsage[] } => ({
    durationMs: performance.now() - started,
    sampled: sampledOf(answerer),
  });
  // That the repetition could not be sent says nothing about the attempt before it.
  if (sending.repeats !== undefined && !left && outcome.type === 'tool-error')
    return { ...sending.repeats, ...spent() };
  switch (outcome.type) {
    case 'input-required': {
      const { inputRequests, requestState } = outcome;
      return {
        type: 'input-required',
        inputRequests,
        ...(requestState === undefined ? {} : { requestState }),
        ...spent(),
      };
    }
    case 'uncertain':
      return { ...uncertainOf(execution, sent, outcome, options.guards), ...spent() };
    default: {
      const { callId, name } = request;
      const call = { callId, name, server: prepared.server };
      const guarded = await guardOutcome(outcome, call, options.guards, step);
      const keeper = createResultKeeper(options.results, request, access, step);
      const fitted = await finalize(request, guarded, {
        maxTokens: hostTool ? Number.POSITIVE_INFINITY : maxTokens,
        accepts: request.accepts ?? ALL_MEDIA,
        keep: keeper.keep,
      });
      const finalized = withRepeatNote(withEditNote(fitted, prepared), sending.repeats);
      const { result: _, ...withoutAnswer } = finalized;
      const result = request.keepResult ? finalized : withoutAnswer;
      return {
        type: 'finished',
        result,
        sizeBytes: sizeOf(result),
        storedBytes: keeper.sizeBytes(),
        ...spent(),
      };
    }
  }
}

/** A run that no client waits for is one of its own, in the session of whoever it is for. */
function clientOf({ actor, runId }: ResultAccess): ClientKey {
  return { session: actor, ...(runId === undefined ? {} : { owner: `run:${runId}` }) };
}

/** An earlier execution of the step was about to send it, and nothing more is known. */
function interrupted({ claimedAtMs, idempotent, idempotencyKey }: CallClaim): Uncertain {
  return {
    type: 'uncertain',
    cause: 'interrupted',
    sentAtMs: claimedAtMs,
    readOnly: false,
    idempotent,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    durationMs: 0,
    sampled: [],
  };
}

function uncertainOf(
  { request, prepared: { readOnly, idempotent } }: Execution,
  { idempotencyKey }: Sent,
  outcome: Extract<CallOutcome, { type: 'uncertain' }>,
  guards: Guards,
): Omit<Uncertain, 'durationMs' | 'sampled'> {
  const { cause, message, sentAtMs } = outcome;
  return {
    type: 'uncertain',
    // What has to be done within a time, and was not, was not cancelled by anybody.
    cause: cause === 'cancelled' && request.withinMs !== undefined ? 'timeout' : cause,
    message: guards.redact({ message }).message,
    sentAtMs,
    readOnly,
    idempotent,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

/** Without an answer, or without having been sent, because the run was. */
function endsWithRun(outcome: CallOutcome): boolean {
  return outcome.type === 'uncertain' || (outcome.type === 'tool-error' && outcome.code === 'cancelled');
}

/**
 * The run is cancelled or left, and the step has no end: a claim stays without a result. A run that goes on elsewhere
 * tells the end of the call itself.
 */
function leaveOpen(
  { request, prepared }: Execution,
  step: StepContext,
  left: boolean,
  started: number,
): never {
  const { reason } = step.signal;
  const ends =
    reason instanceof HostError && (reason.code === 'cancelled' || reason.code === 'limit-reached');
  if (ends) {
    const { callId, name } = request;
    const outcome = left && !prepared.readOnly ? 'uncertain' : 'cancelled';
    step.emit({
      type: 'tool-call-end',
      callId,
      name,
      server: prepared.server,
      outcome,
      sizeBytes: 0,
      durationMs: performance.now() - started,
      error: { code: outcome, message: reason.message },
    });
  }
  throw reason;
}

/** What the tool refuses is an answer like that of any other tool. */
async function callHostTool(tool: HostTool, args: JsonObject, context: HostToolContext): Promise<Sent> {
  try {
    return { outcome: { type: 'complete', result: await tool.call(args, context) }, left: true };
  } catch (error) {
    if (!(error instanceof HostError) || context.signal.aborted) throw error;
    return { outcome: { type: 'tool-error', code: error.code, message: error.message }, left: true };
  }
}

/** What a model is given: UTF-8 bytes of text and characters of base64. */
export function sizeOf(result: ToolCallResult): number {
  return result.content.reduce(
    (sum, part) => sum + (part.type === 'text' ? Buffer.byteLength(part.text) : part.base64.length),
    0,
  );
}
