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
  /** JSON. */
  readonly body: string;
  readonly tools: AdaptedTools;
}

/**
 * The prompt cache is marked after tools and system, and after the last message, so that the next turn of the same
 * conversation reads what this one wrote.
 */
export function anthropicRequest(request: ModelRequest, settings: AnthropicSettings): AnthropicRequest {
  refuseOutputSchema(request);
  const { system = '' } = request;
  const { extraBody } = settings;
  const tools = adaptTools(request.tools, 'anthropic');
  const hasTools = tools.tools.length > 0;
  const rest = {
    model: settings.name,
    max_tokens: Math.min(request.maxOutputTokens ?? settings.maxOutputTokens, settings.maxOutputTokens),
    stream: true,
    ...(hasTools && request.toolChoice !== undefined
      ? { tool_choice: TOOL_CHOICES[request.toolChoice] }
      : {}),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...extraBody,
  } satisfies Partial<Anthropic.MessageCreateParamsStreaming>;
  const large = [
    ...('system' in extraBody || isBlank(system) ? [] : [`"system":${systemText(system)}`]),
    ...('messages' in extraBody ? [] : [`"messages":${messagesText(request.messages, tools)}`]),
    ...('tools' in extraBody || !hasTools ? [] : [`"tools":${toolsText(tools, isBlank(system))}`]),
  ];
  return { tools, body: `${[JSON.stringify(rest).slice(0, -1), ...large].join(',')}}` };
}

const TOOL_CHOICES = {
  auto: { type: 'auto' },
  none: { type: 'none' },
  required: { type: 'any' },
} as const satisfies Record<NonNullable<ModelRequest['toolChoice']>, Anthropic.ToolChoice>;

/** A conversation is sent with every turn of it: what was written of a message once is kept with the message. */
const messageTexts = new WeakMap<AdaptedTools, WeakMap<ModelMessage, string>>();
const toolTexts = new WeakMap<AdaptedTools, Map<boolean, string>>();
/** More than this is written anew each time, so that pictures are not in memory twice. */
const MAX_KEPT_LENGTH = 100_000;

function messagesText(messages: readonly ModelMessage[], tools: AdaptedTools): string {
  const kept = messageTexts.get(tools) ?? new WeakMap<ModelMessage, string>();
  messageTexts.set(tools, kept);
  const texts: string[] = [];
  // The mark is on the last message of which anything is sent, and that one's text is of no use to the next turn.
  let isLast = true;
  for (const message of messages.toReversed()) {
    const text = (isLast ? undefined : kept.get(message)) ?? messageText(message, tools, isLast);
    if (text === '') continue;
    texts.push(text);
    if (!isLast && text.length <= MAX_KEPT_LENGTH) kept.set(message, text);
    isLast = false;
  }
  return `[${texts.reverse().join(',')}]`;
}

/** Empty where nothing of it can be sent. */
function messageText(message: ModelMessage, tools: AdaptedTools, isLast: boolean): string {
  const param = messageParam(message, tools);
  const last = param.content.at(-1);
  if (last === undefined) return '';
  return JSON.stringify(
    isLast ? { ...param, content: [...param.content.slice(0, -1), marked(last)] } : param,
  );
}

/** One text at a time: all requests of a run, and mostly all runs of a program, have the same instructions. */
let keptSystem = { system: '', text: '' };

function systemText(system: string): string {
  if (keptSystem.system !== system)
    keptSystem = { system, text: JSON.stringify([marked({ type: 'text', text: system })]) };
  return keptSystem.text;
}

function toolsText(tools: AdaptedTools, isMarked: boolean): string {
  const kept = toolTexts.get(tools) ?? new Map<boolean, string>();
  toolTexts.set(tools, kept);
  const known = kept.get(isMarked);
  if (known !== undefined) return known;
  const definitions = tools.tools.map(
    ({ name, description, schema }): Anthropic.Tool => ({
      name,
      description,
      input_schema: { ...schema, type: 'object' },
    }),
  );
  const last = definitions.pop();
  const text = JSON.stringify([
    ...definitions,
    ...(last === undefined ? [] : [isMarked ? marked(last) : last]),
  ]);
  kept.set(isMarked, text);
  return text;
}

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

function marked<Block extends Anthropic.ContentBlockParam | Anthropic.Tool>(block: Block): Block {
  return CACHEABLE.has(block.type ?? 'custom') ? { ...block, cache_control: { type: 'ephemeral' } } : block;
}

const CACHEABLE = new Set(['text', 'image', 'tool_use', 'tool_result', 'custom']);
