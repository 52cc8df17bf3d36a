/** What a conversation holds of a workflow that was run in it: the request, and what it gave. */
import { isJsonObject, type Json } from '../../json.ts';
import type { AssistantMessage, UserMessage } from '../model/model.ts';

/** As a person writes it in the chat. */
export function requestTo(workflow: string, input: Json): UserMessage {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return { role: 'user', content: [{ type: 'text', text: `/${workflow} ${text}` }] };
}

export function answerOf(output: Json): AssistantMessage {
  return { role: 'assistant', content: [{ type: 'text', text: outputText(output) }] };
}

/** In words: a text as it is, the text of an answer of ours, and of anything else the JSON. */
export function outputText(output: Json): string {
  if (typeof output === 'string') return output;
  return isJsonObject(output) && typeof output['text'] === 'string'
    ? output['text']
    : JSON.stringify(output, null, 2);
}
