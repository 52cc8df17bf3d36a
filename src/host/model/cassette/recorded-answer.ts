/** An answer as it is kept: as it streamed, with whatever is secret masked. */
import type { Json } from '../../../json.ts';
import type { Redactor } from '../../secret/redactor.ts';
import type { AssistantPart, ModelEvent } from '../model.ts';

type Delta = Extract<ModelEvent, { type: 'text-delta' | 'thinking-delta' | 'tool-input-delta' }>;

/** A secret may stand across several deltas: where one does, all of its text is told as one. */
export function cleanAnswer(
  events: readonly ModelEvent[],
  redactor: Pick<Redactor, 'text' | 'value'>,
): readonly ModelEvent[] {
  const texts = new Map<string, string>();
  for (const event of events)
    if (isDelta(event)) texts.set(keyOf(event), (texts.get(keyOf(event)) ?? '') + event.text);
  const masked = new Map<string, string>();
  for (const [key, text] of texts) if (redactor.text(text) !== text) masked.set(key, redactor.text(text));
  return events.flatMap((event): ModelEvent[] => {
    if (isDelta(event)) {
      const text = masked.get(keyOf(event));
      if (!texts.delete(keyOf(event)) && text !== undefined) return [];
      return [text === undefined ? event : { ...event, text }];
    }
    if (event.type !== 'message-end') return [event];
    const content = event.message.content.map((part) => cleanPart(part, redactor));
    return [{ ...event, message: { ...event.message, content } }];
  });
}

/** What the provider wants back unchanged stays: it is signed or encrypted, and of no use to anybody else. */
function cleanPart(part: AssistantPart, redactor: Pick<Redactor, 'value'>): AssistantPart {
  if (part.type === 'text') return redactor.value(part);
  const { opaque, ...rest } = part;
  const clean = redactor.value(rest as unknown as Json) as unknown as AssistantPart;
  return opaque === undefined ? clean : ({ ...clean, opaque } as AssistantPart);
}

function isDelta(event: ModelEvent): event is Delta {
  return event.type === 'text-delta' || event.type === 'thinking-delta' || event.type === 'tool-input-delta';
}

function keyOf(event: Delta): string {
  return event.type === 'tool-input-delta' ? `${event.type} ${event.callId}` : event.type;
}
