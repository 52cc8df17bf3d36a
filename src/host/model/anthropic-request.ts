/** Writes a request as the Anthropic Messages API takes it. */
import type Anthropic from '@anthropic-ai/sdk';

import type { JsonObject } from '../../json.ts';
import { assistantBlocks, inputBlock, isBlank, resultBlocks } from './anthropic-blocks.ts';
import type { ThinkingHistory } from './anthropic-thinking.ts';
import type { ModelMessage, ModelRequest } from './model.ts';
import { refuseOutputSchema } from './output-schema.ts';
import { adaptTools, type AdaptedTools } from './schema.ts';

export interface AnthropicSettings {
  readonly name: string;
  readonly maxOutputTokens: number;
  readonly extraBody: JsonObject;
  readonly thinking: ThinkingHistory;
}

export interface AnthropicRequest {
  /** JSON. */
  readonly body: string;
  readonly tools: AdaptedTools;
  readonly notes: readonly string[];
}

/** The API takes so many marks. */
const MAX_CACHE_MARKS = 4;
/** More than this is written anew each time, so that pictures are not in memory twice. */
const MAX_KEPT_LENGTH = 100_000;

/**
 * Marks for the prompt cache stand, as far as four go round, behind the last message, for the next turn to read; where the
 * request before this one ended, for this one to read however much came since (the API looks back 20 blocks from a mark);
 * behind the instructions; and behind the tools, for runs with other instructions.
 */
export class AnthropicRequests {
  readonly #settings: AnthropicSettings;
  readonly #marks: number;
  /** A conversation is sent with every turn of it: what was written of a message once is kept with the message. */
  #messageTexts = new WeakMap<AdaptedTools, WeakMap<ModelMessage, WrittenMessage>>();
  readonly #toolTexts = new WeakMap<AdaptedTools, Map<boolean, string>>();
  /** One at a time: all requests of a run, and mostly all runs of a program, have the same instructions. */
  #system = { system: '', text: '' };

  constructor(settings: AnthropicSettings) {
    this.#settings = settings;
    const own = JSON.stringify(settings.extraBody).split('"cache_control"').length - 1;
    this.#marks = Math.max(0, MAX_CACHE_MARKS - own);
  }

  write(request: ModelRequest): AnthropicRequest {
    refuseOutputSchema(request);
    const { system = '' } = request;
    const { name, maxOutputTokens, extraBody, thinking } = this.#settings;
    const tools = adaptTools(request.tools, 'anthropic');
    const hasTools = tools.tools.length > 0;
    const isPaused = thinking.mustPause(request);
    const { thinking: asked, ...restOfExtra } = extraBody;
    const rest = {
      model: name,
      max_tokens: Math.min(request.maxOutputTokens ?? maxOutputTokens, maxOutputTokens),
      stream: true,
      ...(hasTools && request.toolChoice !== undefined
        ? { tool_choice: TOOL_CHOICES[request.toolChoice] }
        : {}),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      ...restOfExtra,
      ...(asked === undefined || isPaused
        ? {}
        : { thinking: asked as unknown as Anthropic.ThinkingConfigParam }),
    } satisfies Partial<Anthropic.MessageCreateParamsStreaming>;
    const large = [
      ...('system' in extraBody || isBlank(system) ? [] : [`"system":${this.#systemText(system)}`]),
      ...('messages' in extraBody ? [] : [`"messages":${this.#messagesText(request.messages, tools)}`]),
      ...('tools' in extraBody || !hasTools
        ? []
        : [`"tools":${this.#toolsText(tools, this.#marks >= (isBlank(system) ? 3 : 4))}`]),
    ];
    return {
      tools,
      notes: isPaused ? [PAUSED] : [],
      body: `${[JSON.stringify(rest).slice(0, -1), ...large].join(',')}}`,
    };
  }

  /** True: the request may be written and sent again, without the thinking that was refused. */
  learn(error: unknown, request: ModelRequest): boolean {
    const hasLearned = this.#settings.thinking.learn(error, request);
    if (hasLearned) this.#messageTexts = new WeakMap();
    return hasLearned;
  }

  #messagesText(messages: readonly ModelMessage[], tools: AdaptedTools): string {
    const kept = this.#messageTexts.get(tools) ?? new WeakMap<ModelMessage, WrittenMessage>();
    this.#messageTexts.set(tools, kept);
    const texts: string[] = [];
    let marks = Math.min(2, this.#marks);
    /** Where the request before this one ended: before the last answer. */
    const before = messages.findLastIndex(({ role }) => role === 'assistant') - 1;
    for (const [index, message] of [...messages.entries()].reverse()) {
      const isMarked = marks > 0 && (texts.length === 0 || (index <= before && marks === 1));
      const known = kept.get(message);
      const text =
        known?.isMarked === isMarked
          ? known.text
          : messageText(message, tools, { isMarked, ...this.#settings });
      if (text === '') continue;
      if (isMarked) marks -= 1;
      texts.push(text);
      if (text.length <= MAX_KEPT_LENGTH) kept.set(message, { text, isMarked });
    }
    return `[${texts.reverse().join(',')}]`;
  }

  #systemText(system: string): string {
    if (this.#system.system !== system) {
      const block: Anthropic.TextBlockParam = { type: 'text', text: system };
      this.#system = { system, text: JSON.stringify([this.#marks >= 3 ? marked(block) : block]) };
    }
    return this.#system.text;
  }

  #toolsText(tools: AdaptedTools, isMarked: boolean): string {
    const kept = this.#toolTexts.get(tools) ?? new Map<boolean, string>();
    this.#toolTexts.set(tools, kept);
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
}

interface WrittenMessage {
  readonly text: string;
  readonly isMarked: boolean;
}

const PAUSED =
  'this request goes without thinking, because the last turn was not thought by a model of this provider';

const TOOL_CHOICES = {
  auto: { type: 'auto' },
  none: { type: 'none' },
  required: { type: 'any' },
} as const satisfies Record<NonNullable<ModelRequest['toolChoice']>, Anthropic.ToolChoice>;

interface WritingMessage extends Pick<AnthropicSettings, 'thinking'> {
  readonly isMarked: boolean;
}

/** Empty where nothing of it can be sent. */
function messageText(
  message: ModelMessage,
  tools: AdaptedTools,
  { isMarked, thinking }: WritingMessage,
): string {
  const param = messageParam(message, tools, thinking);
  const last = param.content.at(-1);
  if (last === undefined) return '';
  return JSON.stringify(
    isMarked ? { ...param, content: [...param.content.slice(0, -1), marked(last)] } : param,
  );
}

interface MessageParam {
  readonly role: 'user' | 'assistant';
  readonly content: Anthropic.ContentBlockParam[];
}

function messageParam(message: ModelMessage, tools: AdaptedTools, thinking: ThinkingHistory): MessageParam {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.content.flatMap(inputBlock) };
    case 'assistant':
      return { role: 'assistant', content: assistantBlocks(message, tools, thinking) };
    case 'tool':
      return { role: 'user', content: resultBlocks(message) };
    default:
      return message satisfies never;
  }
}

function marked<Block extends Anthropic.ContentBlockParam | Anthropic.Tool>(block: Block): Block {
  return CACHEABLE.has(block.type ?? 'custom') ? { ...block, cache_control: { type: 'ephemeral' } } : block;
}

const CACHEABLE = new Set(['text', 'image', 'tool_use', 'tool_result', 'custom']);
