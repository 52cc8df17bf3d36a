/** Models of the Anthropic Messages API. Its SDK is loaded when the first answer is asked for. */
import type { ModelPrice } from '../../config/model-candidate.ts';
import type { JsonObject } from '../../json.ts';
import { AnthropicAnswer } from './anthropic-answer.ts';
import { anthropicRequest } from './anthropic-request.ts';
import { type AnthropicWire, openAnthropicWire } from './anthropic-wire.ts';
import { cancelledFailure, type FailureContext, readAnswer, toModelFailure } from './failure.ts';
import { mergeDeltas } from './merge-deltas.ts';
import type { Model, ModelEvent, ModelLimits, ModelRequest } from './model.ts';
import { pricingOf } from './price.ts';

export interface AnthropicModelOptions {
  /** The provider's name of the model: `claude-…`. */
  readonly name: string;
  readonly apiKey: string;
  /** Where the key came from, for messages. */
  readonly keySource?: string;
  readonly baseUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limits?: Partial<ModelLimits>;
  readonly price?: ModelPrice;
  /** Merged over the request's body, for example `{ "thinking": { "type": "adaptive" } }`. */
  readonly extraBody?: JsonObject;
}

const BASE_URL = 'https://api.anthropic.com';
/** Asked for by default where the model could write more: an answer that long is rarely wanted. */
const DEFAULT_MAX_OUTPUT_TOKENS = 32_000;

export function anthropicModel(options: AnthropicModelOptions): Model {
  const id = `anthropic/${options.name}`;
  const maxOutputTokens = options.limits?.maxOutputTokens ?? knownMaxOutputTokens(options.name);
  // The SDK adds `/v1/messages` itself.
  const baseUrl = (options.baseUrl ?? BASE_URL).replace(/\/(?:v1\/?)?$/, '');
  const apiKey = options.apiKey.trim();
  const failures: FailureContext = {
    model: id,
    baseUrl,
    secrets: [apiKey, ...Object.values(options.headers ?? {})],
    keySource: options.keySource ?? 'the API key',
  };
  const settings = {
    name: options.name,
    maxOutputTokens: options.limits?.maxOutputTokens ?? Math.min(maxOutputTokens, DEFAULT_MAX_OUTPUT_TOKENS),
    extraBody: options.extraBody ?? {},
  };
  const { price } = options;
  const pricing = pricingOf({ modelId: id, baseUrl, ...(price === undefined ? {} : { price }) });
  let opening: Promise<AnthropicWire> | undefined;

  async function* stream(
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    let wire: AnthropicWire | undefined;
    try {
      opening ??= openAnthropicWire({ apiKey, baseUrl, headers: { ...options.headers } });
      wire = await opening;
      signal.throwIfAborted();
      const { body, tools } = anthropicRequest(request, settings);
      const answer = new AnthropicAnswer(tools);
      for await (const events of wire.stream(body, signal)) {
        // Not `yield*`: in an async generator it costs several turns of the event loop, even for nothing.
        for (const told of mergeDeltas(answer.takeAll(events))) yield told;
      }
      signal.throwIfAborted();
      const { content, stopReason, providerStopReason, usage, notes } = readAnswer(() => answer.end());
      const message = { role: 'assistant', content } as const;
      const costUsd = await pricing.costUsd(usage);
      const allNotes = [...tools.notes, ...notes];
      yield {
        type: 'message-end',
        message,
        stopReason,
        providerStopReason,
        usage,
        model: id,
        ...(costUsd === undefined ? {} : { costUsd }),
        ...(allNotes.length > 0 ? { notes: allNotes } : {}),
      };
    } catch (error) {
      const failure = signal.aborted ? cancelledFailure(id) : toModelFailure(error, wire?.sdk, failures);
      yield { type: 'error', failure };
    }
  }

  const limits = {
    maxTools: 512,
    maxOutputTokens,
    ...options.limits,
    accepts: { images: options.limits?.accepts?.images ?? true, audio: false },
  };
  return { id, limits, priceKnown: pricing.known, stream };
}

/** From Anthropic's model overview; what is not listed there yet is taken for as able as the last that is. */
function knownMaxOutputTokens(name: string): number {
  const limit = MAX_OUTPUT_TOKENS.find(([pattern]) => pattern.test(name));
  return limit?.[1] ?? 64_000;
}

const MAX_OUTPUT_TOKENS: readonly (readonly [RegExp, number])[] = [
  [/^claude-(?:2|instant|v1|3-(?:opus|sonnet|haiku))/, 4096],
  [/^claude-3-5/, 8192],
  [/^claude-opus-4(?:-[01])?(?:-\d{8})?$/, 32_000],
  [/^claude-(?:3-7|sonnet-4|haiku-4|opus-4-5)/, 64_000],
];
