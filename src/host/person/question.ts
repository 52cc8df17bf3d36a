/** Questions of workflows to a person, as the events of a run tell them. */
import type { RunEvent } from '../event.ts';

export type AskedQuestion = Extract<RunEvent, { type: 'question' }>;

/** Those that nobody has answered. */
export function openQuestions(events: Iterable<RunEvent>): readonly AskedQuestion[] {
  const open = new Map<string, AskedQuestion>();
  for (const event of events) {
    if (event.type === 'question') open.set(event.signal, event);
    else if (event.type === 'question-answered') open.delete(event.signal);
    else if (event.type === 'run-end') open.clear();
  }
  return [...open.values()];
}
