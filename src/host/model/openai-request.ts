/** Writes a request as a chat completions endpoint takes it. */
import { createHash } from 'node:crypto';

import type OpenAI from 'openai';

import { isJsonObject, type JsonObject } from '../../json.ts';
import { audioFormat, leftOut, refusedImage } from './media.ts';
import { refuseOutputSchema } from './output-schema.ts';
import type {
  AssistantMessage,
  AudioPart,
  ImagePart,
  InputPart,
  ModelMessage,
  ModelRequest,
  ToolMessage,
} from './model.ts';
import { adaptTools, type AdaptedTools } from './schema.ts';
import { sendableArguments } from './tool-arguments.ts';

export interface ChatSettings {
  /** `provider/name`: reasoning goes back only to the model that wrote it. */
  readonly id: string;
  readonly name: string;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Whether usage has to be asked for. */
  readonly streamOptions: boolean;
  /** What a tool call's id must look like. */
  readonly callIds: 'any' | 'nine-characters';
  readonly maxOutputTokens?: number;
  readonly extraBody: JsonObject;
}

export interface ChatRequest {
  readonly body: OpenAI.ChatCompletionCreateParamsStreaming;
  readonly tools: AdaptedTools;
}

type MessageParam = OpenAI.ChatCompletionMessageParam;

export function chatRequest(request: ModelRequest, settings: ChatSettings): ChatRequest {
  refuseOutputSchema(request);
  const tools = adaptTools(request.tools, 'openai');
  const lastUser = request.messages.findLastIndex((message) => message.role === 'user');
  const messages = request.messages.flatMap((message, index) =>
    messageParams(message, { tools, settings, inToolLoop: index > lastUser }),
  );
  const system: MessageParam[] = request.system ? [{ role: 'system', content: request.system }] : [];
  const maxOutputTokens = request.maxOutputTokens ?? settings.maxOutputTokens;
  return {
    tools,
    body: {
      model: settings.name,
      messages: [...system, ...messages],
      stream: true,
      ...(settings.streamOptions ? { stream_options: { include_usage: true } } : {}),
      ...(tools.tools.length > 0
        ? {
            tools: tools.tools.map(({ name, description, schema }) => ({
              type: 'function' as const,
              function: { name, description, parameters: schema },
            })),
          }
        : {}),
      ...(tools.tools.length > 0 && request.toolChoice !== undefined
        ? { tool_choice: request.toolChoice }
        : {}),
      ...(maxOutputTokens === undefined ? {} : { [settings.maxTokensField]: maxOutputTokens }),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      ...settings.extraBody,
    },
  };
}

interface MessageContext {
  readonly tools: AdaptedTools;
  readonly settings: ChatSettings;
  /** The message belongs to the turn that is being worked on. */
  readonly inToolLoop: boolean;
}

function messageParams(message: ModelMessage, context: MessageContext): MessageParam[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: userContent(message.content) }];
    case 'assistant':
      return assistantParams(message, context);
    case 'tool':
      return toolParams(message, context);
    default:
      return message satisfies never;
  }
}

/** Plain text where there is no image: the oldest servers take nothing else. */
function userContent(parts: readonly InputPart[]): string | OpenAI.ChatCompletionContentPart[] {
  const content = parts.map((part): OpenAI.ChatCompletionContentPart => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    const refused = refusedMedia(part);
    return refused === undefined ? mediaParam(part) : { type: 'text', text: refused };
  });
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === content.length ? texts.join('\n') : content;
}

function refusedMedia(part: ImagePart | AudioPart): string | undefined {
  if (part.type === 'image') return refusedImage(part);
  return audioFormat(part.mimeType) ? undefined : leftOut(part, 'models take WAV and MP3');
}

function mediaParam(part: ImagePart | AudioPart): OpenAI.ChatCompletionContentPart {
  if (part.type === 'audio') {
    const format = audioFormat(part.mimeType) ?? 'wav';
    return { type: 'input_audio', input_audio: { data: part.base64, format } };
  }
  return { type: 'image_url', image_url: { url: `data:${part.mimeType};base64,${part.base64}` } };
}

function assistantParams(
  message: AssistantMessage,
  { tools, settings, inToolLoop }: MessageContext,
): MessageParam[] {
  let text = '';
  const calls: object[] = [];
  const reasoning: Record<string, string> = {};
  for (const part of message.content) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'tool-call') {
      const args = sendableArguments(part, tools.byName.get(part.name)?.sentNames);
      calls.push({
        id: sendableId(part.callId, settings),
        type: 'function',
        function: { name: part.name, arguments: JSON.stringify(args) },
        ...ownFields(part.opaque, settings.id),
      });
    } else {
      const { field } = ownFields(part.opaque, settings.id);
      if (field === 'reasoning_content' || field === 'reasoning')
        reasoning[field] = (reasoning[field] ?? '') + part.text;
    }
  }
  if (text === '' && calls.length === 0) return [];
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

/** What another model wrote is not sent to this one. */
function ownFields(opaque: unknown, id: string): JsonObject {
  if (!isJsonObject(opaque) || opaque.wire !== 'chat-completions' || opaque.model !== id) return {};
  return isJsonObject(opaque.fields) ? opaque.fields : {};
}

/** Tool messages take text only: pictures and sound follow in a message of the person, which names the call. */
function toolParams(message: ToolMessage, { settings }: MessageContext): MessageParam[] {
  const following: OpenAI.ChatCompletionContentPart[] = [];
  const results = message.results.map((result): MessageParam => {
    const lines: string[] = [];
    const media: (ImagePart | AudioPart)[] = [];
    for (const part of result.content) {
      if (part.type === 'text') lines.push(part.text);
      else {
        const refused = refusedMedia(part);
        if (refused === undefined) media.push(part);
        else lines.push(refused);
      }
    }
    const callId = sendableId(result.callId, settings);
    if (media.length > 0) {
      const kind = media.every(({ type }) => type === 'image') ? 'image(s)' : 'image(s) or sound(s)';
      lines.push(`[${media.length} ${kind} of this result follow in the next user message]`);
      following.push({
        type: 'text',
        text: `What follows is of the result of the call ${callId} of ${result.name}:`,
      });
      following.push(...media.map(mediaParam));
    }
    // This wire has no field that marks a failed call.
    const text = lines.join('\n');
    return { role: 'tool', tool_call_id: callId, content: result.isError ? `Error: ${text}` : text };
  });
  return following.length > 0 ? [...results, { role: 'user', content: following }] : results;
}

/** Equal ids stay equal, so a call and its result still meet. */
function sendableId(callId: string, { callIds }: ChatSettings): string {
  if (callIds === 'nine-characters') {
    if (/^[A-Za-z0-9]{9}$/.test(callId)) return callId;
    return createHash('sha256').update(callId).digest('hex').slice(0, 9);
  }
  return callId.length <= 40 ? callId : createHash('sha256').update(callId).digest('hex').slice(0, 40);
}
