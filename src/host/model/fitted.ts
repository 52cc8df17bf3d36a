import { acceptedMessages } from './accepted-messages.ts';
import type { Model, ModelEvent, ModelRequest, ModelTool } from './model.ts';

/**
 * Makes a request fit the model: a run that is resumed may have begun with one that takes more. What it does not take
 * becomes a line, and the tools beyond its limit are left out, which the answer's notes tell.
 */
export function fitted(model: Model): Model {
  const { maxTools } = model.limits;
  const toFit = (request: ModelRequest): ModelRequest => ({
    ...request,
    messages: acceptedMessages(request.messages, model.limits),
    tools: request.tools.length <= maxTools ? request.tools : firstTools(request.tools, maxTools),
  });
  return {
    ...model,
    stream(request, options) {
      const events = model.stream(toFit(request), options);
      return request.tools.length <= maxTools ? events : noted(events, noteOf(request.tools.length, model));
    },
  };
}

const kept = new WeakMap<readonly ModelTool[], Map<number, readonly ModelTool[]>>();

/** The same list for the same tools: what was written of it is remembered by its identity. */
function firstTools(tools: readonly ModelTool[], count: number): readonly ModelTool[] {
  const lists = kept.get(tools) ?? new Map<number, readonly ModelTool[]>();
  kept.set(tools, lists);
  const list = lists.get(count) ?? tools.slice(0, count);
  lists.set(count, list);
  return list;
}

function noteOf(count: number, { id, limits }: Model): string {
  return `${id} takes no more than ${limits.maxTools} tools: the last ${count - limits.maxTools} of ${count} were left out`;
}

async function* noted(events: AsyncIterable<ModelEvent>, note: string): AsyncGenerator<ModelEvent> {
  for await (const event of events)
    yield event.type === 'message-end' ? { ...event, notes: [note, ...(event.notes ?? [])] } : event;
}
