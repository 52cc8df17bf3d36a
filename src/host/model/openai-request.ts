/** Writes a request as a chat completions endpoint takes it. */
import type OpenAI from 'openai';

import type { JsonObject } from '../../json.ts';
import { assistantParams } from './chat-assistant.ts';
import type { ChatRepairs } from './chat-repairs.ts';
import { audioFormat, leftOut, refusedImage } from './media.ts';
import { refuseOutputSchema } from './output-schema.ts';
import type { AudioPart, ImagePart, InputPart, ModelMessage, ModelRequest, ToolMessage } from './model.ts';
import type { ProviderOrigin } from './provider-data.ts';
import { adaptTools, type AdaptedTools } from './schema.ts';
import { chatCallId } from './sendable-call.ts';

export interface ChatSettings {
  /** Reasoning and signatures go back only to the model that wrote them. */
  readonly origin: ProviderOrigin;
  readonly name: string;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Whether usage has to be asked for. */
  readonly streamOptions: boolean;
  /** What a tool call's id must look like. */
  readonly callIds: 'any' | 'nine-characters';
  /** Whether calls of other models need a signature in a tool loop. */
  readonly signsCalls: boolean;
  /**
   * What its prompt cache wants to be told: which conversation a request belongs to, or that a conversation is to be kept at
   * all. Others refuse fields that they do not know.
   */
  readonly promptCache: 'conversation' | 'mark' | 'nothing';
  readonly repairs: ChatRepairs;
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
      ...cacheFields(settings, request),
      ...(settings.repairs.withoutReasoning && tools.tools.length > 0
        ? { reasoning_effort: 'none' as const }
        : {}),
      ...settings.extraBody,
    },
  };
}

function cacheFields(
  { promptCache }: ChatSettings,
  { cacheKey }: ModelRequest,
): Pick<OpenAI.ChatCompletionCreateParamsStreaming, 'prompt_cache_key'> {
  if (promptCache === 'mark') return { cache_control: { type: 'ephemeral' } } as object;
  return promptCache === 'conversation' && cacheKey !== undefined ? { prompt_cache_key: cacheKey } : {};
}

export interface MessageContext {
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
    const callId = chatCallId(result.callId, settings.callIds);
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
