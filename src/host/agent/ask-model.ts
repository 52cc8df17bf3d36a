/** One answer of the model, to as much of the conversation as its window takes. */
import type { ModelResult, RunContext } from '../context.ts';
import { acceptedMessages } from '../model/accepted-messages.ts';
import type { ModelLimits, ModelMessage } from '../model/model.ts';
import type { ContextWindow } from './context-window.ts';
import type { FixedParts } from './fixed-part-tokens.ts';
import { fitContext } from './fit-context.ts';
import type { ChosenModel } from './model-facts.ts';

export interface AskModelOptions {
  readonly model: ChosenModel;
  readonly limits: ModelLimits;
  readonly fixed: FixedParts;
  readonly answerTool?: string;
  /** Told of what the next requests carry from now on, where that became less. */
  readonly onReduced: (messages: readonly ModelMessage[]) => Promise<void>;
}

/** Reduces what is carried before it would be too much, and once more where the provider says that it was. */
export async function askModel(
  context: RunContext,
  window: ContextWindow,
  { model: chosen, limits, fixed, answerTool, onReduced }: AskModelOptions,
): Promise<ModelResult> {
  const model = context.model(chosen.alias, chosen.candidates);
  const generate = (): Promise<ModelResult> =>
    model.generate({
      system: fixed.system,
      tools: fixed.tools,
      messages: acceptedMessages(window.messages, limits),
      ...(answerTool === undefined ? {} : { answerTool }),
    });
  const reduce = async (name: string): Promise<boolean> => {
    const reduced = await fitContext(context.branch(name), window, {
      model: chosen,
      fixed,
      targetTokens: window.targetTokens,
    });
    if (reduced) await onReduced(window.messages);
    return reduced;
  };
  if (window.isFull(fixed)) await reduce('fit');
  const result = await generate();
  if (result.type === 'message' || result.failure.code !== 'context-overflow') return result;
  window.overflowed(fixed);
  return (await reduce('overflow')) ? generate() : result;
}
