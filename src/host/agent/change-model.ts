/** When the model that was chosen for a conversation cannot go on with it. */
import { HostError } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import { acceptedMedia } from '../model/media.ts';
import type { InputPart, ModelMessage } from '../model/model.ts';
import type { ContextWindow } from './context-window.ts';
import type { FixedParts } from './fixed-part-tokens.ts';
import { type FirstRequest, type ModelFacts, modelFacts } from './model-facts.ts';

export interface ChangeOptions {
  readonly alias: string;
  readonly window: Pick<ContextWindow, 'isFull' | 'messages'>;
  readonly fixed: FixedParts;
  readonly first: FirstRequest;
}

/**
 * Another model where the next request has what only another candidate takes: a provider's prompt cache stays warm as long
 * as one answers, so nothing less is a reason. The same facts where there is none.
 */
export async function changeModel(
  context: RunContext,
  facts: ModelFacts,
  { alias, window, fixed, first }: ChangeOptions,
): Promise<ModelFacts> {
  if (facts.route === undefined) return facts;
  const isFull = lacksRoom(facts, window, fixed);
  if (!isFull && !lacksMedia(facts, window.messages)) return facts;
  const { contextWindowTokens } = facts.limits;
  const tokens = isFull && contextWindowTokens !== undefined ? { inputTokens: contextWindowTokens } : {};
  try {
    return await modelFacts(context.branch('route'), alias, {
      first: (limits) => ({ ...first(limits), ...tokens }),
      instead: facts.id,
    });
  } catch (thrown) {
    // It goes on as it can: with a line in the place of a picture.
    if (thrown instanceof HostError && thrown.code === 'no-model-fits') return facts;
    throw thrown;
  }
}

function lacksMedia({ limits, route }: ModelFacts, messages: readonly ModelMessage[]): boolean {
  const own = acceptedMedia(limits);
  const any = acceptedMedia(route?.widest ?? limits);
  const wanted = { images: any.images && !own.images, audio: any.audio && !own.audio };
  if (!wanted.images && !wanted.audio) return false;
  return messages
    .flatMap(inputParts)
    .some(({ type }) => (type === 'image' && wanted.images) || (type === 'audio' && wanted.audio));
}

function lacksRoom(
  { limits, route }: ModelFacts,
  window: Pick<ContextWindow, 'isFull'>,
  fixed: FixedParts,
): boolean {
  const own = limits.contextWindowTokens;
  const largest = route?.widest.contextWindowTokens ?? Number.POSITIVE_INFINITY;
  return own !== undefined && own < largest && window.isFull(fixed);
}

function inputParts(message: ModelMessage): readonly InputPart[] {
  if (message.role === 'user') return message.content;
  return message.role === 'tool' ? message.results.flatMap(({ content }) => content) : [];
}
