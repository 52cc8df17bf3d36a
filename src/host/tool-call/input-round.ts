/** Input that a server wants before it goes on with a call, taken in steps of its own: what was answered is not asked again. */
import { HostError, messageOf } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject, jsonText } from '../../json.ts';
import type { InputRequest } from '../../registry/contract.ts';
import type { RunContext, StepContext } from '../context.ts';
import type { InputAsked, SampledUsage, Sending } from './called.ts';
import type { CallerInput } from './caller-input.ts';
import { type AskedFor, createInputAnswerer, type InputOptions, sampledOf } from './input.ts';

/** A server that asks more often is given up. */
export const MAX_INPUT_ROUNDS = 16;

export type RoundAnswers =
  | { readonly type: 'answered'; readonly answers: NonNullable<Sending['answers']> }
  /** A person or the host refused, or what is asked is no request. */
  | { readonly type: 'refused'; readonly message: string };

type Answered = { readonly sampled: readonly SampledUsage[] } & (
  | { readonly type: 'answered'; readonly response: JsonObject }
  | { readonly type: 'refused'; readonly message: string }
);

export async function answerRound(
  context: RunContext,
  server: string,
  { inputRequests, requestState }: InputAsked,
  input: InputOptions,
): Promise<RoundAnswers> {
  const caller = input.callerOf(context.run.id);
  const inputResponses: Record<string, Json> = {};
  const forCaller = caller === undefined ? {} : answerableBy(caller, inputRequests);
  if (caller !== undefined && Object.keys(forCaller).length > 0) {
    const given = await context.step('input', (step) => answerByCaller(server, forCaller, step, caller));
    if (given.type === 'refused') return refusedBy(server, given.message);
    if (given.type === 'answered') Object.assign(inputResponses, given.responses);
  }
  for (const [key, written] of Object.entries(inputRequests)) {
    if (key in inputResponses) continue;
    const journaled = context.isJournaled;
    const answered = await context.step('input', (step) =>
      answerOnce({ server, written, askedFor: context.run }, step, input),
    );
    for (const { usage, costUsd } of answered.sampled)
      await context.budget.spendUnforeseen({ usage, costUsd }, { journaled });
    if (answered.type === 'refused') return refusedBy(server, answered.message);
    inputResponses[key] = answered.response;
  }
  return { type: 'answered', answers: answersOf(inputResponses, requestState) };
}

/** The others are left to the host. */
function answerableBy(caller: CallerInput, requests: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(requests).filter(([key, request]) => caller.can({ [key]: request })),
  );
}

function answersOf(inputResponses: JsonObject, requestState: string | undefined) {
  return {
    ...(Object.keys(inputResponses).length > 0 ? { inputResponses } : {}),
    ...(requestState === undefined ? {} : { requestState }),
  };
}

function refusedBy(server: string, why: string): RoundAnswers {
  const message = `'${server}' asked for input that could not be given: ${why}`;
  return { type: 'refused', message };
}

type AnsweredByCaller =
  | { readonly type: 'answered'; readonly responses: JsonObject }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'unable' };

/** All that it can answer at once, as the server asked it. */
async function answerByCaller(
  server: string,
  requests: JsonObject,
  step: StepContext,
  caller: CallerInput,
): Promise<AnsweredByCaller> {
  const answering = caller.answer({ server, requests, signal: step.signal });
  if (answering === undefined) return { type: 'unable' };
  for (const request of Object.values(requests)) {
    const { method, params } = isJsonObject(request) ? request : {};
    step.emit({
      type: 'input-request',
      server,
      method: jsonText(method),
      params: isJsonObject(params) ? params : {},
    });
  }
  try {
    return { type: 'answered', responses: await answering };
  } catch (error) {
    step.signal.throwIfAborted();
    return { type: 'refused', message: messageOf(error) };
  }
}

async function answerOnce(
  {
    server,
    written,
    askedFor,
  }: { readonly server: string; readonly written: Json; readonly askedFor: AskedFor },
  step: StepContext,
  input: InputOptions,
): Promise<Answered> {
  const request = requestOf(server, written, step.signal);
  if (typeof request === 'string') return { type: 'refused', message: request, sampled: [] };
  const answerer = createInputAnswerer(input, askedFor);
  try {
    const response = await answerer.answer(request, step);
    return { type: 'answered', response, sampled: sampledOf(answerer) };
  } catch (error) {
    step.signal.throwIfAborted();
    if (error instanceof HostError && NOT_OF_THE_ANSWER.has(error.code)) throw error;
    return { type: 'refused', message: messageOf(error), sampled: sampledOf(answerer) };
  }
}

/** Of the run itself, which ends with them. */
const NOT_OF_THE_ANSWER = new Set(['run-lost', 'journal-unavailable']);

/** What is wrong with it, where it is none. */
function requestOf(server: string, written: Json, signal: AbortSignal): InputRequest | string {
  if (!isJsonObject(written)) return 'what it asks for is no object';
  const { method, params } = written;
  if (method !== 'elicitation/create' && method !== 'sampling/createMessage' && method !== 'roots/list')
    return `the method ${JSON.stringify(method)} is unknown`;
  return { server, method, params: isJsonObject(params) ? params : {}, signal };
}
