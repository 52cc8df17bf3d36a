/** Reads the events of one Anthropic answer, strictly in the documented order. */
import type Anthropic from '@anthropic-ai/sdk';

import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { AnswerFault, readAnswer } from './failure.ts';
import type { AssistantPart, ModelEvent, StopReason, Usage } from './model.ts';
import { keptData, type ProviderOrigin } from './provider-data.ts';
import type { AdaptedTools } from './schema.ts';
import { readToolArguments } from './tool-arguments.ts';

interface Block {
  readonly start: Anthropic.ContentBlock;
  /** Text, thinking, or the JSON of a tool's input. */
  text: string;
  signature: string;
  /** Kept for blocks that only the provider understands. */
  extra: Record<string, Json>;
  open: boolean;
}

export interface AnthropicAnswerEnd {
  readonly content: readonly AssistantPart[];
  readonly stopReason: StopReason;
  readonly providerStopReason: string | null;
  readonly usage: Usage;
  readonly notes: readonly string[];
}

const NOTHING: readonly ModelEvent[] = [];

export class AnthropicAnswer {
  readonly #tools: AdaptedTools;
  readonly #origin: ProviderOrigin;
  readonly #blocks = new Map<number, Block>();
  readonly #usage: Record<string, number> = {};
  readonly #notes: string[] = [];
  #state: 'waiting' | 'started' | 'stopped' = 'waiting';
  #stopReason: string | null = null;
  #citations = 0;

  constructor(tools: AdaptedTools, origin: ProviderOrigin) {
    this.#tools = tools;
    this.#origin = origin;
  }

  /** Throws where an event breaks the protocol, after what came before it. */
  *takeAll(events: Iterable<Anthropic.RawMessageStreamEvent>): Generator<ModelEvent> {
    for (const event of events) for (const told of readAnswer(() => this.take(event))) yield told;
  }

  /** Throws where the event breaks the protocol. */
  take(event: Anthropic.RawMessageStreamEvent): readonly ModelEvent[] {
    if (event.type === 'message_start') return this.#start(event.message);
    if (this.#state !== 'started') throw fault(`'${event.type}' came outside of a message`);
    switch (event.type) {
      case 'content_block_start':
        return this.#open(event.index, event.content_block);
      case 'content_block_delta':
        return this.#extend(this.#openBlock(event.index), event.delta);
      case 'content_block_stop':
        this.#openBlock(event.index).open = false;
        return NOTHING;
      case 'message_delta':
        this.#stopReason = event.delta.stop_reason ?? this.#stopReason;
        this.#count(event.usage);
        if (event.delta.stop_details?.explanation) this.#notes.push(event.delta.stop_details.explanation);
        return NOTHING;
      case 'message_stop':
        if ([...this.#blocks.values()].some((block) => block.open))
          throw fault('the message stopped inside a block');
        this.#state = 'stopped';
        return NOTHING;
      default:
        // The API may add kinds of events at any time and asks clients to pass over them.
        return NOTHING;
    }
  }

  /** Throws where the answer is not complete. */
  end(): AnthropicAnswerEnd {
    if (this.#state === 'waiting') throw fault('it holds no message');
    if (this.#state === 'started')
      throw new AnswerFault('connection', 'the answer ended before it was complete');
    const content = [...this.#blocks.values()].flatMap((block) => this.#part(block));
    if (this.#citations > 0) this.#notes.push(`${this.#citations} citations of the provider are not kept`);
    return {
      content,
      stopReason: STOP_REASONS[this.#stopReason ?? ''] ?? 'other',
      providerStopReason: this.#stopReason,
      usage: readUsage(this.#usage),
      notes: this.#notes,
    };
  }

  #start(message: Anthropic.Message): readonly ModelEvent[] {
    if (this.#state !== 'waiting') throw fault('a second message began in the same answer');
    this.#state = 'started';
    this.#stopReason = message.stop_reason;
    this.#count(message.usage);
    return message.content.flatMap((content, index) => {
      const events = this.#open(index, content);
      this.#openBlock(index).open = false;
      return events;
    });
  }

  #count(usage: object | null | undefined): void {
    if (usage === null || usage === undefined) return;
    for (const [name, value] of Object.entries(usage))
      if (typeof value === 'number') this.#usage[name] = value;
    const details: unknown = 'output_tokens_details' in usage ? usage.output_tokens_details : undefined;
    if (isJsonObject(details) && typeof details.thinking_tokens === 'number') {
      this.#usage.thinking_tokens = details.thinking_tokens;
    }
  }

  #open(index: number, start: Anthropic.ContentBlock): readonly ModelEvent[] {
    if (this.#blocks.has(index)) throw fault(`block ${index} began twice`);
    const block: Block = { start, text: '', signature: '', extra: {}, open: true };
    this.#blocks.set(index, block);
    switch (start.type) {
      case 'text':
        block.text = string(start.text);
        return block.text === '' ? NOTHING : [{ type: 'text-delta', text: block.text }];
      case 'thinking':
        block.text = string(start.thinking);
        block.signature = start.signature ?? '';
        return block.text === '' ? NOTHING : [{ type: 'thinking-delta', text: block.text }];
      case 'tool_use':
        return [{ type: 'tool-input-start', callId: string(start.id), name: string(start.name) }];
      default:
        return NOTHING;
    }
  }

  #openBlock(index: number): Block {
    const block = this.#blocks.get(index);
    if (block?.open !== true) throw fault(`block ${index} is not open`);
    return block;
  }

  #extend(block: Block, delta: Anthropic.RawContentBlockDelta): readonly ModelEvent[] {
    const { start } = block;
    switch (delta.type) {
      case 'text_delta':
        if (start.type !== 'text') throw fault(`text in a block of type '${start.type}'`);
        block.text += string(delta.text);
        return [{ type: 'text-delta', text: delta.text }];
      case 'thinking_delta':
        if (start.type !== 'thinking') throw fault(`thinking in a block of type '${start.type}'`);
        block.text += string(delta.thinking);
        return [{ type: 'thinking-delta', text: delta.thinking }];
      case 'signature_delta':
        block.signature += string(delta.signature);
        return NOTHING;
      case 'input_json_delta':
        block.text += string(delta.partial_json);
        if (start.type !== 'tool_use' || delta.partial_json === '') return NOTHING;
        return [{ type: 'tool-input-delta', callId: start.id, text: delta.partial_json }];
      case 'citations_delta':
        this.#citations += 1;
        return NOTHING;
      default: {
        const { type, ...fields } = delta as unknown as JsonObject;
        if (type !== undefined) Object.assign(block.extra, fields);
        return NOTHING;
      }
    }
  }

  #part(block: Block): AssistantPart[] {
    const { start, text, signature } = block;
    switch (start.type) {
      case 'text':
        return text === '' ? [] : [{ type: 'text', text }];
      case 'thinking':
        return [
          { type: 'thinking', text, opaque: this.#own({ type: 'thinking', thinking: text, signature }) },
        ];
      case 'tool_use': {
        const written = text === '' && isJsonObject(start.input) ? JSON.stringify(start.input) : text;
        const names = this.#tools.byName.get(start.name)?.ownNames;
        return [
          { type: 'tool-call', callId: start.id, name: start.name, ...readToolArguments(written, names) },
        ];
      }
      default: {
        // Redacted thinking, and what the provider's own tools said: sent back as it came.
        const input = text === '' ? {} : { input: readToolArguments(text).arguments ?? {} };
        return [
          {
            type: 'thinking',
            text: '',
            opaque: this.#own({ ...(start as object), ...input, ...block.extra }),
          },
        ];
      }
    }
  }

  #own(block: JsonObject): Json {
    return keptData(this.#origin, block);
  }
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  tool_use: 'tool-calls',
  max_tokens: 'max-tokens',
  model_context_window_exceeded: 'max-tokens',
  stop_sequence: 'stop-sequence',
  pause_turn: 'pause',
  refusal: 'refusal',
};

/** The last word of the provider on each count holds: `message_delta` repeats the counts of `message_start`, grown. */
function readUsage(counts: Readonly<Record<string, number>>): Usage {
  return {
    inputTokens: counts.input_tokens ?? 0,
    outputTokens: counts.output_tokens ?? 0,
    cacheReadTokens: counts.cache_read_input_tokens ?? 0,
    cacheWriteTokens: counts.cache_creation_input_tokens ?? 0,
    ...(counts.thinking_tokens === undefined ? {} : { reasoningTokens: counts.thinking_tokens }),
    ...(counts.output_tokens === undefined ? { unknown: true as const } : {}),
  };
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw fault(`text expected, got ${JSON.stringify(value)}`);
  return value;
}

function fault(message: string): AnswerFault {
  return new AnswerFault('invalid-answer', message);
}
