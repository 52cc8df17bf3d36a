/** Answers of the Messages API with fixed words: what differs from one to the next are the ids. */
import type { Json, JsonObject } from '../../src/json.ts';
import { anthropicFrames } from '../../test/fixtures/model/anthropic-frames.ts';
import type { AnswerReply } from '../../test/fixtures/model/reply.ts';
import { MODEL } from './task.ts';

export type Said =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool'; readonly name: string; readonly input: Json };

export interface Answer {
  readonly contentType: string;
  /** For the answer of this number. */
  readonly body: (serial: number) => string;
}

/** Stands where the number of the answer belongs. */
const SERIAL = 987_654_321;
const USAGE = {
  input_tokens: 40,
  output_tokens: 20,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
};

/** As a stream of events, or as one message. */
export function answerOf(said: Said, isStream: boolean): Answer {
  const text = isStream ? streamOf(said) : JSON.stringify(messageOf(said));
  return {
    contentType: isStream ? 'text/event-stream' : 'application/json',
    body: (serial) => text.replaceAll(String(SERIAL), String(serial)),
  };
}

function streamOf(said: Said): string {
  const reply: AnswerReply =
    said.type === 'text'
      ? { type: 'answer', text: said.text }
      : { type: 'answer', toolCalls: [{ name: said.name, arguments: said.input as JsonObject }] };
  return anthropicFrames(reply, MODEL, SERIAL)
    .map(({ text }) => text)
    .join('');
}

function messageOf(said: Said): object {
  const content =
    said.type === 'text'
      ? { type: 'text', text: said.text }
      : { type: 'tool_use', id: `toolu_${SERIAL}`, name: said.name, input: said.input };
  return {
    id: `msg_${SERIAL}`,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [content],
    stop_reason: said.type === 'text' ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: USAGE,
  };
}
