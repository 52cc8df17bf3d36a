import { acceptedMedia, leftOut } from './media.ts';
import type { InputPart, ModelLimits, ModelMessage } from './model.ts';

/** By what the model takes, then by the message. */
const shown = new Map<string, WeakMap<ModelMessage, ModelMessage>>();

/** A conversation for a model that may take less than the one that it was begun with: a line stands for the rest. */
export function acceptedMessages(
  messages: readonly ModelMessage[],
  limits: ModelLimits,
): readonly ModelMessage[] {
  const { images, audio } = acceptedMedia(limits);
  if (images && audio) return messages;
  const key = `${images} ${audio}`;
  const known = shown.get(key) ?? new WeakMap<ModelMessage, ModelMessage>();
  shown.set(key, known);
  const accepted = (part: InputPart): InputPart => {
    if (part.type === 'text' || (part.type === 'image' ? images : audio)) return part;
    return { type: 'text', text: leftOut(part, 'this model does not take it'), byHost: true };
  };
  return messages.map((message) => {
    if (message.role === 'assistant') return message;
    const before = known.get(message);
    if (before !== undefined) return before;
    const made = holdsMedia(message) ? mapParts(message, accepted) : message;
    known.set(message, made);
    return made;
  });
}

function holdsMedia(message: Exclude<ModelMessage, { role: 'assistant' }>): boolean {
  const parts = message.role === 'tool' ? message.results.flatMap(({ content }) => content) : message.content;
  return parts.some((part) => part.type !== 'text');
}

function mapParts(
  message: Exclude<ModelMessage, { role: 'assistant' }>,
  change: (part: InputPart) => InputPart,
): ModelMessage {
  if (message.role === 'user') return { ...message, content: message.content.map(change) };
  const results = message.results.map((result) => ({ ...result, content: result.content.map(change) }));
  return { ...message, results };
}
