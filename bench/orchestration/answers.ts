/** Answers of the Messages API with fixed words, as bytes that are made once. */
import { anthropicFrames } from '../../test/fixtures/model/anthropic-frames.ts';
import type { AnswerReply } from '../../test/fixtures/model/reply.ts';
import type { Json, JsonObject } from '../../src/json.ts';

export interface Answer {
  readonly contentType: string;
  readonly body: Buffer;
}

const USAGE = {
  input_tokens: 40,
  output_tokens: 20,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
};

/** As a stream of events, or as one message. */
export function answerOf(content: Said, isStream: boolean): Answer {
  if (isStream) {
    const frames = anthropicFrames(replyOf(content), 'claude-sonnet-5', 1);
    return { contentType: 'text/event-stream', body: Buffer.from(frames.map(({ text }) => text).join('')) };
  }
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5',
    content: [
      content.type === 'text'
        ? { type: 'text', text: content.text }
        : { type: 'tool_use', id: 'toolu_1', name: content.name, input: content.input },
    ],
    stop_reason: content.type === 'text' ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: USAGE,
  };
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(message)) };
}

export type Said =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool'; readonly name: string; readonly input: Json };

function replyOf(content: Said): AnswerReply {
  return content.type === 'text'
    ? { type: 'answer', text: content.text }
    : { type: 'answer', toolCalls: [{ name: content.name, arguments: content.input as JsonObject }] };
}
