/** The parts of a config that wait: for a time, an event, or a person. */
import type { WorkflowConfig } from '../../config/workflow-config.ts';
import type { Json } from '../../json.ts';
import type { Part } from './pattern/part.ts';
import { approve, askPerson } from './pattern/person.ts';
import { pause, waitForSignal } from './pattern/wait.ts';

export function waitOf({
  pause: nap,
  waitFor,
  ask,
  approve: question,
}: WorkflowConfig): Part<Json, Json> | undefined {
  if (nap !== undefined) return pause<Json>(nap.ms);
  if (waitFor !== undefined) return waitForSignal<Json>(waitFor.signal, within(waitFor));
  if (question !== undefined) return approve<Json>(question.question, within(question));
  if (ask === undefined) return undefined;
  const { schema } = ask;
  return schema === undefined
    ? askPerson<Json>(ask.question, within(ask))
    : askPerson<Json>(ask.question, { ...within(ask), schema });
}

function within({ timeoutMs }: { readonly timeoutMs?: number }): { readonly timeoutMs?: number } {
  return timeoutMs === undefined ? {} : { timeoutMs };
}
