/**
 * Models of OpenAI's chat completions and of everything that speaks it (Ollama, LM Studio, vLLM, OpenRouter, Gemini …),
 * by OpenAI's SDK, which is loaded when the first answer is asked for.
 */
import type { OpenAI } from 'openai';

import type { ModelPrice } from '../../config/model-candidate.ts';
import type { JsonObject } from '../../json.ts';
import { chatFetch } from './chat-fetch.ts';
import { type ChatRepairs, learnRepair, WITHOUT_REASONING } from './chat-repairs.ts';
import { cancelledFailure, type FailureContext, readAnswer, toModelFailure } from './failure.ts';
import type { Model, ModelEvent, ModelLimits, ModelMessage, ModelRequest } from './model.ts';
import { ChatAnswer } from './openai-answer.ts';
import { chatRequest, type ChatSettings } from './openai-request.ts';
import { pricingOf } from './price.ts';
import { originOf } from './provider-data.ts';
import type { HeaderReader } from './rate-headers.ts';

export interface OpenaiModelOptions {
  /** The prefix of the id: `openai`, `ollama`, … */
  readonly provider: string;
  /** The provider's name of the model. */
  readonly name: string;
  /** Ends where `/chat/completions` begins: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Undefined: the server asks for none. */
  readonly apiKey?: string;
  /** Where the key came from, for messages. */
  readonly keySource?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limits?: Partial<ModelLimits>;
  readonly price?: ModelPrice;
  /** Merged over the request's body, for example `{ "reasoning_effort": "low" }`. */
  readonly extraBody?: JsonObject;
  /** Told what the headers of each answer say. */
  readonly onHeaders?: ((header: HeaderReader) => void) | undefined;
}

/** OpenAI's limit, and that of most who follow it. */
const MAX_TOOLS = 128;

export function openaiModel(options: OpenaiModelOptions): Model {
  const id = `${options.provider}/${options.name}`;
  const baseUrl = options.baseUrl.replace(/\/+(?:chat\/completions\/?)?$/, '');
  const isOpenai = /^https:\/\/(?:[^/]+\.)?(?:api\.openai\.com|openai\.azure\.com)(?:[/:]|$)/.test(baseUrl);
  const apiKey = options.apiKey?.trim() || undefined;
  const headers = options.headers ?? {};
  const failures: FailureContext = {
    model: id,
    baseUrl,
    secrets: [...(apiKey === undefined ? [] : [apiKey]), ...Object.values(headers)],
    keySource: options.keySource ?? 'the API key',
  };
  const isMistral = options.provider === 'mistral';
  const origin = originOf('chat-completions', baseUrl, id);
  const extraBody = options.extraBody ?? {};
  const repairs: ChatRepairs = { withoutReasoning: false, fillReasoning: false };
  const settings: ChatSettings = {
    origin,
    repairs,
    name: options.name,
    maxTokensField: isOpenai ? 'max_completion_tokens' : 'max_tokens',
    // Mistral refuses the field, and sends usage without being asked.
    streamOptions: !isMistral,
    callIds: isMistral ? 'nine-characters' : 'any',
    signsCalls: options.provider === 'gemini' || options.provider === 'google',
    promptCache: promptCacheOf(baseUrl, options.name),
    ...(options.limits?.maxOutputTokens === undefined
      ? {}
      : { maxOutputTokens: options.limits.maxOutputTokens }),
    extraBody,
  };
  const { price } = options;
  const pricing = pricingOf({ modelId: id, baseUrl, ...(price === undefined ? {} : { price }) });
  let loading: Promise<{ sdk: typeof import('openai'); client: OpenAI }> | undefined;
  const load = async () => {
    const sdk = await import('openai');
    const client = new sdk.OpenAI({
      // The SDK asks for one; chatFetch takes it off where there is none.
      apiKey: apiKey ?? 'none',
      baseURL: baseUrl,
      defaultHeaders: headers,
      maxRetries: 0,
      logLevel: 'off',
      fetch: chatFetch({
        headers,
        ownVariables: isOpenai,
        onHeaders: options.onHeaders,
        ...(apiKey === undefined ? {} : { apiKey }),
      }),
      ...(isOpenai ? {} : { organization: null, project: null, adminAPIKey: null }),
    });
    return { sdk, client };
  };
  async function* stream(
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    let sdk: typeof import('openai') | undefined;
    try {
      loading ??= load();
      const loaded = await loading;
      ({ sdk } = loaded);
      signal.throwIfAborted();
      let written = chatRequest(request, settings);
      const send = () => loaded.client.chat.completions.create(written.body, { signal });
      const chunks = await send().catch((error: unknown) => {
        if (!learnRepair(repairs, error, extraBody)) throw error;
        written = chatRequest(request, settings);
        return send();
      });
      const { tools } = written;
      const answer = new ChatAnswer({
        origin,
        tools,
        idPrefix: `call_${request.messages.length}`,
        isUsedId: (callId) => hasCall(request.messages, callId),
      });
      for await (const chunk of chunks) {
        // Not `yield*`: in an async generator it costs several turns of the event loop, even for nothing.
        for (const told of readAnswer(() => answer.take(chunk))) yield told;
      }
      // The SDK ends the iteration in silence when the signal fires.
      signal.throwIfAborted();
      const { content, stopReason, providerStopReason, usage } = readAnswer(() => answer.end());
      const costUsd = await pricing.costUsd(usage);
      const notes = repairs.withoutReasoning ? [...tools.notes, WITHOUT_REASONING] : tools.notes;
      yield {
        type: 'message-end',
        message: { role: 'assistant', content },
        stopReason,
        providerStopReason,
        usage,
        model: id,
        ...(costUsd === undefined ? {} : { costUsd }),
        ...(notes.length > 0 ? { notes } : {}),
      };
    } catch (error) {
      const failure = signal.aborted ? cancelledFailure(id) : toModelFailure(error, sdk, failures);
      yield { type: 'error', failure };
    }
  }

  return { id, limits: { maxTools: MAX_TOOLS, ...options.limits }, costUsd: pricing.costUsd, stream };
}

/** OpenRouter passes the mark on to Anthropic, whose models cache nothing unasked. */
function promptCacheOf(baseUrl: string, name: string): ChatSettings['promptCache'] {
  if (/^https:\/\/(?:[^/]+\.)?api\.openai\.com(?:[/:]|$)/.test(baseUrl)) return 'conversation';
  const isClaude = /^https:\/\/openrouter\.ai(?:[/:]|$)/.test(baseUrl) && /^~?anthropic\//.test(name);
  return isClaude ? 'mark' : 'nothing';
}

function hasCall(messages: readonly ModelMessage[], callId: string): boolean {
  return messages.some(
    (message) =>
      message.role === 'assistant' &&
      message.content.some((part) => part.type === 'tool-call' && part.callId === callId),
  );
}
