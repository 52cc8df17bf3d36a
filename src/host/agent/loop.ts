import { jsonText } from '../../json.ts';
import { HostError } from '../../errors.ts';
import type { ModelResult, RunContext, ToolCallResult } from '../context.ts';
import { limitReached } from '../engine/limit.ts';
import type { AssistantMessage, ModelMessage, ToolCallPart, ToolMessage } from '../model/model.ts';
import { mentionsResult } from '../result/result-uri.ts';
import { RepeatCounter } from './stop.ts';
import { foundNames, TOOL_SEARCH, ToolOffer } from './tool-offer.ts';

export interface LoopOptions {
  readonly model: string;
  readonly instructions: string;
  /** The conversation before this request, and the request as its last message. */
  readonly messages: readonly ModelMessage[];
  /** Told of every message as it is added to the conversation. */
  readonly onMessage?: (message: ModelMessage) => Promise<void>;
}

export type LoopResult = {
  readonly text: string;
  /** The model that gave the answer. */
  readonly model: string;
  /** What the loop added to the conversation. */
  readonly messages: readonly ModelMessage[];
};

/** How many read-only calls of one turn run at the same time. */
const MAX_PARALLEL_CALLS = 8;

/**
 * Model → tool calls → model …, until the model answers without asking for a tool. Ends by a HostError: `limit-reached`
 * for a stop rule, `model-failed`, `refused`, `answer-withheld`, `empty-answer`.
 */
export async function runLoop(context: RunContext, options: LoopOptions): Promise<LoopResult> {
  const { tools } = await context.tools.list(context);
  const limits = context.model(options.model).limits;
  const offer = new ToolOffer(tools, limits);
  if (options.messages.some(holdsResultUri)) offer.revealResultTools();
  const repeats = new RepeatCounter();
  const added: ModelMessage[] = [];
  const add = async (message: ModelMessage): Promise<void> => {
    added.push(message);
    await options.onMessage?.(message);
  };

  for (let turn = 1; ; turn += 1) {
    const exceeded = context.budget.exceeded();
    if (exceeded) throw limitReached(exceeded.limit, exceeded.message);
    context.budget.spend({ turns: 1 });
    const turnContext = context.branch(`turn-${turn}`);
    const model = turnContext.model(options.model);
    turnContext.emit({ type: 'turn-start', turn, model: model.id, toolCount: offer.tools.length });
    const answer = messageOf(
      await model.generate({
        system: options.instructions,
        messages: [...options.messages, ...added],
        tools: offer.tools,
      }),
    );
    if (answer.withheld !== undefined) {
      throw new HostError(
        'answer-withheld',
        `The answer of ${answer.model} is withheld: ${answer.withheld}.`,
      );
    }
    await add(answer.message);
    const calls = answer.message.content.filter((part) => part.type === 'tool-call');
    if (calls.length > 0) {
      stopRepeating(context, repeats.count(calls));
      await add(await callTools(turnContext, calls, offer));
    }
    turnContext.emit({ type: 'turn-end', turn, toolCalls: calls.length });
    if (calls.length > 0 || answer.stopReason === 'pause') continue;
    return { text: finalText(turnContext, answer), model: answer.model, messages: added };
  }
}

/** A request may bring the URI of a stored result, and a conversation may hold some from earlier on. */
function holdsResultUri(message: ModelMessage): boolean {
  switch (message.role) {
    case 'user':
      return message.content.some((part) => part.type === 'text' && mentionsResult(part.text));
    case 'tool':
      return message.results.some(({ content }) =>
        content.some((part) => part.type === 'text' && mentionsResult(part.text)),
      );
    case 'assistant':
      return false;
    default:
      return message satisfies never;
  }
}

function messageOf(result: ModelResult): Extract<ModelResult, { type: 'message' }> {
  if (result.type === 'message') return result;
  const { failure } = result;
  throw new HostError('model-failed', failure.message, {
    data: { failure: failure.code, model: failure.model },
  });
}

function stopRepeating(context: RunContext, count: number): void {
  const { maxRepeats } = context.budget.limits;
  if (maxRepeats !== undefined && count > maxRepeats) {
    throw limitReached(
      'repeats',
      `The model asked for the same call ${count} times in a row; it is going round in circles.`,
    );
  }
}

function finalText(context: RunContext, answer: Extract<ModelResult, { type: 'message' }>): string {
  const text = textOf(answer.message);
  if (answer.stopReason === 'refusal') {
    throw new HostError('refused', `${answer.model} refused to answer. ${text}`.trim());
  }
  if (answer.stopReason === 'max-tokens') {
    const message =
      'The answer was cut off at the output limit of the model. Raise maxOutputTokens for it under models.';
    context.emit({ type: 'notice', level: 'warn', code: 'answer-cut', message });
  }
  if (text.trim() === '') {
    throw new HostError(
      'empty-answer',
      `${answer.model} answered with nothing (stop reason: ${answer.stopReason}). Ask again, or use another model.`,
    );
  }
  return text;
}

function textOf(message: AssistantMessage): string {
  return message.content
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('');
}

/** Neighbouring read-only calls run side by side, every other call alone and in its turn; results keep the calls' order. */
async function callTools(
  context: RunContext,
  calls: readonly ToolCallPart[],
  offer: ToolOffer,
): Promise<ToolMessage> {
  const results: ToolCallResult[] = [];
  for (const group of groupCalls(calls, offer)) {
    const first = results.length + 1;
    const finished = await Promise.all(group.map((call, index) => callTool(context, call, first + index)));
    // In the calls' order, whichever ended first: what is offered next must be the same at a replay.
    group.forEach((call, index) => {
      extendOffer(context, call, finished[index], offer);
    });
    results.push(...finished);
  }
  return {
    role: 'tool',
    results: results.map(({ callId, name, isError, content }) => ({ callId, name, isError, content })),
  };
}

function groupCalls(calls: readonly ToolCallPart[], offer: ToolOffer): ToolCallPart[][] {
  const groups: ToolCallPart[][] = [];
  let open = false;
  for (const call of calls) {
    const parallel = offer.isReadOnly(call.name);
    const last = groups.at(-1);
    if (parallel && open && last && last.length < MAX_PARALLEL_CALLS) last.push(call);
    else groups.push([call]);
    open = parallel;
  }
  return groups;
}

function callTool(context: RunContext, call: ToolCallPart, ordinal: number): Promise<ToolCallResult> {
  const branch = context.branch(`call-${ordinal}`);
  const { type: _, ...request } = call;
  return branch.tools.call(branch, { ...request, keepResult: call.name === TOOL_SEARCH });
}

function extendOffer(
  context: RunContext,
  call: ToolCallPart,
  result: ToolCallResult | undefined,
  offer: ToolOffer,
): void {
  if (result?.stored) offer.revealResultTools();
  if (call.name === TOOL_SEARCH) {
    const names = offer.reveal(foundNames(result?.result));
    context.emit({ type: 'tools-found', query: jsonText(call.arguments?.['query'] ?? ''), names });
    return;
  }
  // A tool that was called by its right name without having been searched for is part of the conversation now.
  offer.reveal([call.name]);
}
