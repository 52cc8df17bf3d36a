/** Reads the chunks of one chat completion, as OpenAI and the many that resemble it stream them. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { AnswerFault } from './failure.ts';
import type { AssistantPart, ModelEvent, StopReason, Usage } from './model.ts';
import { readChatUsage } from './openai-usage.ts';
import { keptData, type ProviderOrigin } from './provider-data.ts';
import type { AdaptedTools } from './schema.ts';
import { readToolArguments } from './tool-arguments.ts';

type Part =
  | { readonly type: 'text'; text: string }
  | { readonly type: 'thinking'; readonly field: string; text: string }
  | Call;

interface Call {
  readonly type: 'tool-call';
  readonly index: number;
  readonly callId: string;
  /** As the provider sent it; undefined where it sent none. */
  readonly sentId: string | undefined;
  readonly name: string;
  text: string;
  extra: JsonObject;
}

export interface ChatAnswerOptions {
  readonly origin: ProviderOrigin;
  readonly tools: AdaptedTools;
  /** Begins the ids of calls that come without one. Must differ between the turns of a conversation. */
  readonly idPrefix: string;
  /** Whether the conversation has a call of this id already: some servers count anew with each answer. */
  readonly isUsedId: (callId: string) => boolean;
}

export interface ChatAnswerEnd {
  readonly content: readonly AssistantPart[];
  readonly stopReason: StopReason;
  readonly providerStopReason: string | null;
  readonly usage: Usage;
}

export class ChatAnswer {
  readonly #options: ChatAnswerOptions;
  readonly #parts: Part[] = [];
  #sawChunk = false;
  #refused = false;
  #finishReason: string | null = null;
  #usage: unknown;

  constructor(options: ChatAnswerOptions) {
    this.#options = options;
  }

  /** Throws where the chunk has not the documented shape. */
  take(chunk: unknown): readonly ModelEvent[] {
    if (!isJsonObject(chunk) || !(Array.isArray(chunk.choices) || isJsonObject(chunk.usage))) {
      throw fault(`no chunk of a completion: ${JSON.stringify(chunk).slice(0, 200)}`);
    }
    this.#sawChunk = true;
    const groq = isJsonObject(chunk.x_groq) ? chunk.x_groq.usage : undefined;
    this.#usage = chunk.usage ?? groq ?? this.#usage;
    const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (!isJsonObject(choice)) return [];
    if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '')
      this.#finishReason = choice.finish_reason;
    return isJsonObject(choice.delta) ? this.#extend(choice.delta) : [];
  }

  /** Throws where the answer is not complete. */
  end(): ChatAnswerEnd {
    if (!this.#sawChunk) throw fault('it holds no completion');
    if (this.#finishReason === null)
      throw new AnswerFault('connection', 'the answer ended before it was complete');
    const content = this.#parts.map((part) => this.#finished(part));
    return {
      content,
      stopReason: this.#stopReason(this.#finishReason),
      providerStopReason: this.#finishReason,
      usage: readChatUsage(this.#usage),
    };
  }

  #stopReason(finishReason: string): StopReason {
    if (this.#refused) return 'refusal';
    // Ollama and Gemini say 'stop' where they mean tool calls.
    const hasCalls = this.#parts.some((part) => part.type === 'tool-call');
    if (hasCalls && finishReason === 'stop') return 'tool-calls';
    return STOP_REASONS[finishReason] ?? 'other';
  }

  #extend(delta: JsonObject): readonly ModelEvent[] {
    const events: ModelEvent[] = [];
    for (const field of ['reasoning_content', 'reasoning']) {
      const text = delta[field];
      if (typeof text !== 'string' || text === '') continue;
      this.#think(text, field, events);
      // Some send the same words under both names.
      break;
    }
    if (typeof delta.content === 'string') this.#write(delta.content, events);
    else if (Array.isArray(delta.content)) for (const block of delta.content) this.#takeBlock(block, events);
    if (typeof delta.refusal === 'string' && delta.refusal !== '') {
      this.#refused = true;
      this.#write(delta.refusal, events);
    }
    if (Array.isArray(delta.tool_calls)) for (const call of delta.tool_calls) this.#takeCall(call, events);
    return events;
  }

  /** Mistral sends content as blocks when it thinks. */
  #takeBlock(block: Json, events: ModelEvent[]): void {
    if (!isJsonObject(block)) return;
    if (typeof block.text === 'string') this.#write(block.text, events);
    if (!Array.isArray(block.thinking)) return;
    for (const part of block.thinking) {
      if (isJsonObject(part) && typeof part.text === 'string') this.#think(part.text, 'thinking', events);
    }
  }

  #write(text: string, events: ModelEvent[]): void {
    if (text === '') return;
    const last = this.#parts.at(-1);
    if (last?.type === 'text') last.text += text;
    else this.#parts.push({ type: 'text', text });
    events.push({ type: 'text-delta', text });
  }

  #think(text: string, field: string, events: ModelEvent[]): void {
    const last = this.#parts.at(-1);
    if (last?.type === 'thinking' && last.field === field) last.text += text;
    else this.#parts.push({ type: 'thinking', field, text });
    events.push({ type: 'thinking-delta', text });
  }

  #takeCall(delta: Json, events: ModelEvent[]): void {
    if (!isJsonObject(delta)) throw fault(`no tool call: ${JSON.stringify(delta)}`);
    const details = isJsonObject(delta.function) ? delta.function : {};
    let call = this.#findCall(delta, details);
    if (call === undefined) {
      if (typeof details.name !== 'string' || details.name === '') throw fault('a tool call without a name');
      call = this.#newCall(delta, details.name);
      events.push({ type: 'tool-input-start', callId: call.callId, name: call.name });
    }
    if (isJsonObject(delta.extra_content)) call.extra = { ...call.extra, extra_content: delta.extra_content };
    // A few servers send the arguments as an object, whole.
    const text = isJsonObject(details.arguments) ? JSON.stringify(details.arguments) : details.arguments;
    if (typeof text !== 'string' || text === '') return;
    call.text += text;
    events.push({ type: 'tool-input-delta', callId: call.callId, text });
  }

  /** By index; a different id at the same index, or a name without an index, begins another call. */
  #findCall(delta: JsonObject, details: JsonObject): Call | undefined {
    const calls = this.#parts.filter((part) => part.type === 'tool-call');
    const sentId = typeof delta.id === 'string' && delta.id !== '' ? delta.id : undefined;
    if (typeof delta.index === 'number') {
      const call = calls.findLast(({ index }) => index === delta.index);
      const isOther = sentId !== undefined && call?.sentId !== undefined && call.sentId !== sentId;
      return isOther ? calls.find((other) => other.sentId === sentId) : call;
    }
    if (sentId !== undefined) return calls.find((call) => call.sentId === sentId);
    return typeof details.name === 'string' && details.name !== '' ? undefined : calls.at(-1);
  }

  #newCall(delta: JsonObject, name: string): Call {
    const calls = this.#parts.filter((part) => part.type === 'tool-call');
    const sentId = typeof delta.id === 'string' && delta.id !== '' ? delta.id : undefined;
    const call: Call = {
      type: 'tool-call',
      index: typeof delta.index === 'number' ? delta.index : calls.length,
      callId: this.#ownId(sentId, calls),
      sentId,
      name,
      text: '',
      extra: {},
    };
    this.#parts.push(call);
    return call;
  }

  #ownId(sentId: string | undefined, calls: readonly Call[]): string {
    const { idPrefix, isUsedId } = this.#options;
    const counted = `${idPrefix}_${calls.length}`;
    if (sentId === undefined) return counted;
    const isUsed = isUsedId(sentId) || calls.some(({ callId }) => callId === sentId);
    return isUsed ? `${counted}_${sentId}` : sentId;
  }

  #finished(part: Part): AssistantPart {
    const opaque = (data: JsonObject): Json => keptData(this.#options.origin, data);
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text };
      case 'thinking':
        return { type: 'thinking', text: part.text, opaque: opaque({ field: part.field }) };
      case 'tool-call': {
        const { callId, name, text, extra } = part;
        const args = readToolArguments(text, this.#options.tools.byName.get(name)?.ownNames);
        return {
          type: 'tool-call',
          callId,
          name,
          ...args,
          ...(Object.keys(extra).length > 0 ? { opaque: opaque(extra) } : {}),
        };
      }
      default:
        return part satisfies never;
    }
  }
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  eos: 'end',
  length: 'max-tokens',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'refusal',
};

function fault(message: string): AnswerFault {
  return new AnswerFault('invalid-answer', message);
}
