import { HostError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { ModelResult, RunContext, ToolSummary } from '../context.ts';
import type { AssistantMessage, ModelMessage } from '../model/model.ts';
import { mentionsResult } from '../result/result-uri.ts';
import { askModel } from './ask-model.ts';
import { callTools } from './call-tools.ts';
import { changeModel } from './change-model.ts';
import { ContextWindow } from './context-window.ts';
import type { FixedParts } from './fixed-part-tokens.ts';
import type { LocalTool } from './local-tool.ts';
import { chosenModel, mediaOf, modelFacts } from './model-facts.ts';
import { offeredTools, type ToolFilter } from './offered-tools.ts';
import { RepeatCounter, stopRepeating, warnOfRepeating } from './stop.ts';
import { ToolOffer } from './tool-offer.ts';

export interface LoopOptions {
  readonly model: string;
  readonly instructions: string;
  /** The conversation before this request, and the request as its last message. */
  readonly messages: readonly ModelMessage[];
  /** Of the catalog's tools, those that the model may use; all of them where it is left out. */
  readonly offers?: ToolFilter | 'none';
  /** Once one of these tools has answered, the loop ends with its answer. */
  readonly until?: (tool: Pick<ToolSummary, 'name' | 'prefixedName'>) => boolean;
  /** What is to be told of the catalog's tools, once they are known. */
  readonly remarks?: (tools: readonly ToolSummary[]) => readonly string[];
  /** Tools of the workflow's own, which stand before those of the catalog. */
  readonly local?: readonly LocalTool[];
  /** The one of `local` by which the answer is to be given. */
  readonly answerTool?: string;
  /** What is wrong with an answer in words, told to the model, which answers again; undefined takes it. */
  readonly objection?: (text: string) => string | undefined;
  /** Told of every message as it is added to the conversation; of a turn that breaks off, with the results that came. */
  readonly onMessage?: (message: ModelMessage) => Promise<void>;
  /** Told of the conversation as the next requests carry it, each time that it was reduced to fit the model's window. */
  readonly onReduced?: (messages: readonly ModelMessage[]) => Promise<void>;
}

export type LoopResult = {
  readonly text: string;
  /** What a tool of the workflow's own, or one of `until`, ended the loop with. */
  readonly end?: { readonly value: Json };
  /** The model that gave the answer. */
  readonly model: string;
  /** What the loop added to the conversation. */
  readonly messages: readonly ModelMessage[];
  /** The whole conversation as the next request carries it; present where it was reduced. */
  readonly carried?: readonly ModelMessage[];
};

/**
 * Model → tool calls → model …, until the model answers without asking for a tool. Ends by a HostError: `limit-reached`
 * for a stop rule, `model-failed`, `refused`, `answer-withheld`, `empty-answer`.
 */
export async function runLoop(context: RunContext, options: LoopOptions): Promise<LoopResult> {
  const { local = [], offers, until = never } = options;
  const { all, fitting: tools } = await offeredTools(context, offers);
  for (const message of options.remarks?.(all) ?? [])
    context.emit({ type: 'notice', level: 'warn', code: 'no-tool-fits', message });
  const localTools = new Map(local.map((tool) => [tool.definition.name, tool]));
  const definitions = local.map(({ definition }) => definition);
  const last = new Set([...tools, ...definitions].filter(until).map(({ name }) => name));
  const asked = {
    toolCount: tools.length + local.length,
    minTools: local.length + Math.min(1, tools.length),
  };
  let model = await modelFacts(context, options.model, {
    first: (limits) => ({
      ...asked,
      request: {
        system: options.instructions,
        messages: options.messages,
        tools: new ToolOffer(tools, limits, definitions).tools,
      },
    }),
  });
  const offer = new ToolOffer(tools, model.limits, definitions);
  if (options.messages.some(holdsResultUri)) offer.revealResultTools();
  const repeats = new RepeatCounter();
  let window = new ContextWindow(model.limits, options.messages);
  const fixed = new Offered(options.instructions, offer);
  const added: ModelMessage[] = [];
  const add = async (message: ModelMessage): Promise<void> => {
    added.push(message);
    await options.onMessage?.(message);
  };
  let reduced = false;
  const onReduced = async (messages: readonly ModelMessage[]): Promise<void> => {
    reduced = true;
    if (messages.some(holdsResultUri)) offer.revealResultTools();
    await options.onReduced?.(messages);
  };

  let ended: LoopResult['end'];
  let saidNothing = false;
  for (let turn = 1; ; turn += 1) {
    const turnContext = context.branch(`turn-${turn}`);
    await turnContext.reserve({ turns: 1 });
    const changed = await changeModel(turnContext, model, {
      alias: options.model,
      window,
      fixed,
      first: () => ({
        toolCount: asked.toolCount,
        request: { system: fixed.system, messages: window.messages, tools: fixed.tools },
      }),
    });
    if (changed.id !== model.id) window = new ContextWindow(changed.limits, window.messages);
    model = changed;
    const { limits } = model;
    turnContext.emit({
      type: 'turn-start',
      turn,
      model: model.id,
      toolCount: offer.tools.length,
    });
    const answer = messageOf(
      await askModel(turnContext, window, {
        model: chosenModel(options.model, model),
        limits,
        fixed,
        onReduced,
        ...(options.answerTool === undefined ? {} : { answerTool: options.answerTool }),
      }),
    );
    if (answer.withheld !== undefined) {
      throw new HostError(
        'answer-withheld',
        `The answer of ${answer.model} is withheld: ${answer.withheld}.`,
      );
    }
    if (saysNothing(answer) && !saidNothing) {
      saidNothing = true;
      const message = `${answer.model} answered with nothing (stop reason: ${answer.stopReason}). It is asked once more.`;
      turnContext.emit({ type: 'notice', level: 'warn', code: 'empty-answer', message });
      turnContext.emit({ type: 'turn-end', turn, toolCalls: 0 });
      continue;
    }
    saidNothing = false;
    window.answered(answer.message, answer.usage, fixed);
    await add(answer.message);
    const calls = answer.message.content.filter((part) => part.type === 'tool-call');
    if (calls.length > 0) {
      const repeated = repeats.count(calls);
      stopRepeating(context, repeated);
      const { message, end } = await callTools(turnContext, calls, {
        offer,
        local: localTools,
        restricted: offers !== undefined,
        last,
        limits: { accepts: mediaOf(model), ...window.resultLimit },
        ...(options.onMessage ? { onBroken: options.onMessage } : {}),
      });
      const results = warnOfRepeating(turnContext, repeated, message);
      window.add(results);
      await add(results);
      ended = end;
    }
    turnContext.emit({ type: 'turn-end', turn, toolCalls: calls.length });
    const carried = reduced ? { carried: window.messages } : {};
    if (ended !== undefined)
      return { text: textOf(answer.message), end: ended, model: answer.model, messages: added, ...carried };
    if (calls.length > 0 || answer.stopReason === 'pause') continue;
    const text = finalText(turnContext, answer);
    const objection = options.objection?.(text);
    if (objection === undefined) return { text, model: answer.model, messages: added, ...carried };
    const message: ModelMessage = { role: 'user', content: [{ type: 'text', text: objection }] };
    window.add(message);
    await add(message);
  }
}

function never(): boolean {
  return false;
}

/** What stands in every request beside the messages: the tools are those of the moment. */
class Offered implements FixedParts {
  readonly system: string;
  readonly #offer: ToolOffer;

  constructor(system: string, offer: ToolOffer) {
    this.system = system;
    this.#offer = offer;
  }

  get tools(): FixedParts['tools'] {
    return this.#offer.tools;
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

/** Neither words nor calls nor a reason: the like of it is asked for once more. */
function saysNothing({
  message,
  stopReason,
}: Pick<Extract<ModelResult, { type: 'message' }>, 'message' | 'stopReason'>): boolean {
  const isPlain = stopReason !== 'refusal' && stopReason !== 'max-tokens' && stopReason !== 'pause';
  return (
    isPlain && textOf(message).trim() === '' && message.content.every(({ type }) => type !== 'tool-call')
  );
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
