import type { ModelEvent } from './model.ts';

type WordsDelta = Extract<ModelEvent, { type: 'text-delta' | 'thinking-delta' }>;

/**
 * Words that came together are told together: a fast provider sends dozens of deltas in one packet, and each costs every
 * layer up to the screen as much as all of them at once.
 */
export function* mergeDeltas(events: Iterable<ModelEvent>): Generator<ModelEvent> {
  let open: WordsDelta | undefined;
  try {
    for (const event of events) {
      const isWords = event.type === 'text-delta' || event.type === 'thinking-delta';
      if (isWords && open?.type === event.type) {
        open = { type: open.type, text: open.text + event.text };
        continue;
      }
      if (open !== undefined) yield open;
      open = isWords ? event : undefined;
      if (!isWords) yield event;
    }
  } catch (error) {
    // What came before the fault was said.
    if (open !== undefined) yield open;
    throw error;
  }
  if (open !== undefined) yield open;
}
