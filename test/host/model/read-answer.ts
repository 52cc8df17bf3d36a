import type { Model, ModelEvent, ModelFailure, ModelRequest } from '../../../src/host/model/model.ts';

export interface ReadAnswer {
  readonly events: readonly ModelEvent[];
  readonly text: string;
  readonly thinking: string;
  readonly end: Extract<ModelEvent, { type: 'message-end' }> | undefined;
  readonly failure: ModelFailure | undefined;
}

export function ask(text: string, rest: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: [{ role: 'user', content: [{ type: 'text', text }] }], tools: [], ...rest };
}

/** Reads a stream to its end and checks the contract: the last event, and only that one, is an end. */
export async function readAnswer(
  model: Model,
  request: ModelRequest = ask('Hello'),
  signal: AbortSignal = new AbortController().signal,
): Promise<ReadAnswer> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, { signal })) events.push(event);
  const ends = events.filter(({ type }) => type === 'message-end' || type === 'error');
  const last = events.at(-1);
  if (ends.length !== 1 || ends[0] !== last)
    throw new Error(`ends: ${JSON.stringify(ends)}, last: ${JSON.stringify(last)}`);
  const since = events.slice(events.findLastIndex(({ type }) => type === 'restart') + 1);
  return {
    events,
    text: since.map((event) => (event.type === 'text-delta' ? event.text : '')).join(''),
    thinking: since.map((event) => (event.type === 'thinking-delta' ? event.text : '')).join(''),
    end: last?.type === 'message-end' ? last : undefined,
    failure: last?.type === 'error' ? last.failure : undefined,
  };
}
