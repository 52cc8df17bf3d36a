import type { Json, JsonObject } from '../../json.ts';
import type { Routing } from './routing/routing.ts';

/**
 * One language model. Wrappers (`retry`, `fallback`) take and return this type.
 *
 * `stream` never rejects and never throws while iterated: a failure arrives as the last event, `error`. After an abort
 * it ends with an `error` whose code is `cancelled`. A successful stream ends with `message-end`.
 */
export interface Model {
  /** `provider/model`, for example `anthropic/claude-…` or `openai/gpt-…`. */
  readonly id: string;
  readonly limits: ModelLimits;
  /** The most that a call with this usage costs, whichever candidate answers behind a fallback; undefined is unknown. */
  costUsd(usage: Usage): Promise<number | undefined>;
  /** How many calls one request may come to, where that is more than one: `costUsd` is of all of them. */
  readonly callsAtMost?: number;
  stream(request: ModelRequest, options: { readonly signal: AbortSignal }): AsyncIterable<ModelEvent>;
  /** Why it is better not asked at this moment: its provider is left alone for a while. */
  readonly refusal?: () => string | undefined;
  /** Present where each request goes to one of several models: a run chooses in a step, and keeps to what it chose. */
  readonly routing?: Routing;
}

export type ModelLimits = {
  /** Undefined is unknown, and shown as unknown. */
  readonly contextWindowTokens?: number;
  readonly maxOutputTokens?: number;
  /** The most tools that one request may carry. */
  readonly maxTools: number;
  /** `single`: too small to choose its tools in a loop; the single-tool workflow asks it. */
  readonly toolUse?: 'single';
  /** What it takes besides text; undefined is unknown. */
  readonly accepts?: { readonly images: boolean; readonly audio: boolean };
  /** It takes `outputSchema`. */
  readonly outputSchema?: true;
};

export interface ModelRequest {
  readonly system?: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  readonly toolChoice?: 'auto' | 'none' | 'required';
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** The same for requests that begin alike, such as those of one conversation: where a provider takes it, its cache is told. */
  readonly cacheKey?: string;
  /**
   * The answer is JSON of this schema, decoded by a grammar; it comes whole with `message-end`, without deltas. Every
   * property of an object is required. Only models in this process do it; others fail with `invalid-request`.
   */
  readonly outputSchema?: JsonObject;
  /** The tool among `tools` by which the answer is to be given, for who checks it; no provider is told. */
  readonly answerTool?: string;
}

export type ModelTool = {
  /** `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
};

export type ModelMessage = UserMessage | AssistantMessage | ToolMessage;

export type UserMessage = { readonly role: 'user'; readonly content: readonly InputPart[] };
export type AssistantMessage = { readonly role: 'assistant'; readonly content: readonly AssistantPart[] };
/** The results of all calls of the assistant message before it, in the order of the calls. */
export type ToolMessage = { readonly role: 'tool'; readonly results: readonly ToolResultPart[] };

export type InputPart = TextPart | ImagePart | AudioPart;
export type TextPart = {
  readonly type: 'text';
  readonly text: string;
  /** In the result of a tool: words of the host, which need no delimiting. */
  readonly byHost?: true;
  /** In a person's message: where a text comes from that is not theirs. A model is shown it between marks. */
  readonly origin?: string;
};
export type ImagePart = { readonly type: 'image'; readonly mimeType: string; readonly base64: string };
export type AudioPart = { readonly type: 'audio'; readonly mimeType: string; readonly base64: string };

export type AssistantPart = TextPart | ThinkingPart | ToolCallPart;

/** `opaque` is what the provider wants back unchanged (a signature, redacted data), and whose it is: see provider-data.ts. */
export type ThinkingPart = { readonly type: 'thinking'; readonly text: string; readonly opaque?: Json };

export type ToolCallPart = {
  readonly type: 'tool-call';
  readonly callId: string;
  readonly name: string;
  /** Present when the arguments were a JSON object. */
  readonly arguments?: JsonObject;
  /** What the model wrote, where it was no JSON object (half a call, nonsense). */
  readonly invalidArguments?: string;
  /** What the provider wants back unchanged with this call (Gemini's thought signature). */
  readonly opaque?: Json;
};

export type ToolResultPart = {
  readonly callId: string;
  readonly name: string;
  readonly isError: boolean;
  readonly content: readonly InputPart[];
  /** Where what `content` leaves out is kept: `switchyard://results/…`. */
  readonly stored?: readonly string[];
};

export type ModelEvent =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'thinking-delta'; readonly text: string }
  | { readonly type: 'tool-input-start'; readonly callId: string; readonly name: string }
  | { readonly type: 'tool-input-delta'; readonly callId: string; readonly text: string }
  /** It takes longer until it is this request's turn at the provider. */
  | { readonly type: 'waiting'; readonly model: string; readonly message: string }
  /** A wrapper starts over (retry, fallback): what was streamed since the last restart is void. */
  | {
      readonly type: 'restart';
      readonly reason: 'retry' | 'fallback';
      readonly model: string;
      readonly failure: ModelFailure;
      readonly delayMs: number;
    }
  /** A cascade does not take the answer that came: what was streamed since the last restart is void. */
  | {
      readonly type: 'escalate';
      readonly from: string;
      readonly to: string;
      readonly check: string;
      readonly reason: string;
      /** On the answer, and on whoever judged it. */
      readonly spent: Spent;
    }
  | {
      readonly type: 'message-end';
      readonly message: AssistantMessage;
      readonly stopReason: StopReason;
      /** The provider's own word for it. */
      readonly providerStopReason: string | null;
      readonly usage: Usage;
      /** The `id` of the model that answered (behind a fallback: the candidate that did). */
      readonly model: string;
      /** Undefined: the price is unknown. */
      readonly costUsd?: number;
      /** On answers that were not taken, and on judging them; not in `usage`. */
      readonly beside?: readonly Spent[];
      /** What was changed of the request because the provider does not accept it, such as a tool's schema. */
      readonly notes?: readonly string[];
    }
  | { readonly type: 'error'; readonly failure: ModelFailure; readonly beside?: readonly Spent[] };

export type StopReason =
  | 'end'
  | 'tool-calls'
  | 'max-tokens'
  | 'refusal'
  | 'stop-sequence'
  | 'pause'
  | 'other';

/** Tokens as the provider counted them. `input` excludes what was read from or written to a cache. */
export type Usage = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Part of `outputTokens`, where the provider says it. */
  readonly reasoningTokens?: number;
  /** The provider gave no counts: every number here is 0 and means nothing. A sum with such a part is unknown too. */
  readonly unknown?: true;
};

/** What one call came to; without `costUsd` its price is unknown. */
export type Spent = { readonly usage: Usage; readonly costUsd?: number };

export type ModelFailure = {
  readonly code:
    | 'authentication'
    | 'permission'
    | 'not-found'
    | 'invalid-request'
    | 'context-overflow'
    | 'rate-limited'
    | 'overloaded'
    | 'server-error'
    | 'connection'
    | 'timeout'
    | 'invalid-answer'
    /** It was not asked, because its provider failed several times in a row. */
    | 'unavailable'
    /** A cassette that is replayed holds no answer to it. */
    | 'not-recorded'
    | 'cancelled';
  /** What failed and what to do; never a key. */
  readonly message: string;
  readonly retryable: boolean;
  /** The provider's `retry-after`. */
  readonly retryAfterMs?: number;
  readonly status?: number;
  readonly model: string;
};
