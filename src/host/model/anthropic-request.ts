/** Writes a request as the Anthropic Messages API takes it. */
import type Anthropic from '@anthropic-ai/sdk';

import { isJsonObject, type JsonObject } from '../../json.ts';
import { leftOut, refusedImage } from './media.ts';
import { refuseOutputSchema } from './output-schema.ts';
import type { AssistantMessage, InputPart, ModelMessage, ModelRequest, ToolMessage } from './model.ts';
import { adaptTools, type AdaptedTools } from './schema.ts';
import { sendableArguments } from './tool-arguments.ts';

export interface AnthropicSettings {
  readonly name: string;
  readonly maxOutputTokens: number;
  readonly extraBody: JsonObject;
}

export interface AnthropicRequest {
  readonly body: Anthropic.MessageCreateParamsStreaming;
  readonly tools: AdaptedTools;
}

/**
 * The prompt cache is marked after tools and system, and after the last message, so that the next turn of the same
 * conversation reads what this one wrote.
 */
export function anthropicRequest(request: ModelRequest, settings: AnthropicSettings): AnthropicRequest {
  refuseOutputSchema(request);
  const tools = adaptTools(request.tools, 'anthropic');
  const messages = request.messages
    .map((message) => messageParam(message, tools))
    .filter(({ content }) => content.length > 0);
  markCached(messages.at(-1)?.content.at(-1));
  const system: Anthropic.TextBlockParam[] = isBlank(request.system)
    ? []
    : [{ type: 'text', text: request.system ?? '' }];
  const definitions = tools.tools.map(
    ({ name, description, schema }): Anthropic.Tool => ({
      name,
      description,
      input_schema: { ...schema, type: 'object' },
    }),
  );
  markCached(system.at(-1) ?? definitions.at(-1));
  return {
    tools,
    body: {
      model: settings.name,
      max_tokens: Math.min(request.maxOutputTokens ?? settings.maxOutputTokens, settings.maxOutputTokens),
      stream: true,
      messages,
      ...(system.length > 0 ? { system } : {}),
      ...(definitions.length > 0 ? { tools: definitions } : {}),
      ...(definitions.length > 0 && request.toolChoice !== undefined
        ? { tool_choice: TOOL_CHOICES[request.toolChoice] }
        : {}),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      ...settings.extraBody,
    },
  };
}

const TOOL_CHOICES = {
  auto: { type: 'auto' },
  none: { type: 'none' },
  required: { type: 'any' },
} as const satisfies Record<NonNullable<ModelRequest['toolChoice']>, Anthropic.ToolChoice>;

type MessageParam = { readonly role: 'user' | 'assistant'; readonly content: Anthropic.ContentBlockParam[] };

function messageParam(message: ModelMessage, tools: AdaptedTools): MessageParam {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.content.flatMap(inputBlock) };
    case 'assistant':
      return { role: 'assistant', content: assistantBlocks(message, tools) };
    case 'tool':
      return { role: 'user', content: resultBlocks(message) };
    default:
      return message satisfies never;
  }
}

/** The API refuses text without a visible character. */
function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

function inputBlock(part: InputPart): (Anthropic.TextBlockParam | Anthropic.ImageBlockParam)[] {
  if (part.type === 'text') return isBlank(part.text) ? [] : [{ type: 'text', text: part.text }];
  if (part.type === 'audio') return [{ type: 'text', text: leftOut(part, 'this provider takes no sound') }];
  const refused = refusedImage(part);
  if (refused !== undefined) return [{ type: 'text', text: refused }];
  const mediaType = part.mimeType as Anthropic.Base64ImageSource['media_type'];
  return [{ type: 'image', source: { type: 'base64', media_type: mediaType, data: part.base64 } }];
}

function assistantBlocks(message: AssistantMessage, tools: AdaptedTools): Anthropic.ContentBlockParam[] {
  return message.content.flatMap((part): Anthropic.ContentBlockParam[] => {
    switch (part.type) {
      case 'text':
        return isBlank(part.text) ? [] : [{ type: 'text', text: part.text }];
      case 'thinking': {
        const block = ownBlock(part.opaque);
        return block === undefined ? [] : [block];
      }
      case 'tool-call': {
        const input = sendableArguments(part, tools.byName.get(part.name)?.sentNames);
        return [{ type: 'tool_use', id: sendableId(part.callId), name: part.name, input }];
      }
      default:
        return part satisfies never;
    }
  });
}

/** Thinking of another provider cannot be sent here. */
function ownBlock(opaque: unknown): Anthropic.ContentBlockParam | undefined {
  if (!isJsonObject(opaque) || opaque.wire !== 'anthropic' || !isJsonObject(opaque.block)) return undefined;
  return opaque.block as unknown as Anthropic.ContentBlockParam;
}

function resultBlocks(message: ToolMessage): Anthropic.ContentBlockParam[] {
  return message.results.map((result): Anthropic.ToolResultBlockParam => {
    const content = result.content.flatMap(inputBlock);
    return {
      type: 'tool_result',
      tool_use_id: sendableId(result.callId),
      ...(content.length > 0 ? { content } : {}),
      ...(result.isError ? { is_error: true } : {}),
    };
  });
}

/** Ids of other providers may hold characters that the API refuses. */
function sendableId(callId: string): string {
  return callId.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || '_';
}

function markCached(block: Anthropic.ContentBlockParam | Anthropic.Tool | undefined): void {
  if (block === undefined || !CACHEABLE.has(block.type ?? 'custom')) return;
  Object.assign(block, { cache_control: { type: 'ephemeral' } });
}

const CACHEABLE = new Set(['text', 'image', 'tool_use', 'tool_result', 'custom']);
