/** What a model said and called, as a chat completions endpoint takes it back. */
import type OpenAI from 'openai';

import type { JsonObject } from '../../json.ts';
import type { AssistantMessage, ToolCallPart } from './model.ts';
import type { MessageContext } from './openai-request.ts';
import { dataOfModel } from './provider-data.ts';
import { chatCallId, sendableToolName } from './sendable-call.ts';
import { sendableArguments } from './tool-arguments.ts';

export function assistantParams(
  message: AssistantMessage,
  context: MessageContext,
): OpenAI.ChatCompletionMessageParam[] {
  const { settings, inToolLoop } = context;
  let text = '';
  const calls: object[] = [];
  const reasoning: Record<string, string> = {};
  for (const part of message.content) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'tool-call') calls.push(callParam(part, calls.length === 0, context));
    else {
      const field = dataOfModel(part.opaque, settings.origin)?.['field'];
      if (field === 'reasoning_content' || field === 'reasoning')
        reasoning[field] = (reasoning[field] ?? '') + part.text;
    }
  }
  if (text === '' && calls.length === 0) return [];
  if (settings.repairs.fillReasoning && Object.keys(reasoning).length === 0)
    reasoning['reasoning_content'] = ' ';
  // DeepSeek and others want the reasoning back while its tool calls are being answered, and refuse it afterwards.
  const kept = inToolLoop && calls.length > 0 ? reasoning : {};
  const toolCalls = calls as OpenAI.ChatCompletionMessageFunctionToolCall[];
  return [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      ...(calls.length > 0 ? { tool_calls: toolCalls } : {}),
      ...kept,
    },
  ];
}

function callParam(
  part: ToolCallPart,
  isFirst: boolean,
  { tools, settings, inToolLoop }: MessageContext,
): object {
  const args = sendableArguments(part, tools.byName.get(part.name)?.sentNames);
  const own = dataOfModel(part.opaque, settings.origin);
  return {
    id: chatCallId(part.callId, settings.callIds),
    type: 'function',
    function: { name: sendableToolName(part.name), arguments: JSON.stringify(args) },
    ...(own ?? (settings.signsCalls && isFirst && inToolLoop ? UNSIGNED : {})),
  };
}

/** Google's word for a call that another model made: Gemini 3 refuses a tool loop in which one has no signature. */
const UNSIGNED: JsonObject = {
  extra_content: { google: { thought_signature: 'skip_thought_signature_validator' } },
};
