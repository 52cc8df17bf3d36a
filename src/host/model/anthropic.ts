/** Models of the Anthropic Messages API. Its SDK is loaded when the first answer is asked for. */
import type { ModelPrice } from '../../config/model-candidate.ts';
import type { JsonObject } from '../../json.ts';
import { AnthropicAnswer } from './anthropic-answer.ts';
import { type AnthropicRequest, AnthropicRequests } from './anthropic-request.ts';
import { ThinkingHistory } from './anthropic-thinking.ts';
import { type AnthropicStream, type AnthropicWire, openAnthropicWire } from './anthropic-wire.ts';
import { cancelledFailure, type FailureContext, readAnswer, toModelFailure } from './failure.ts';
import { flattened } from '../../flattened.ts';
import { mergeDeltas } from './merge-deltas.ts';
import type { Model, ModelEvent, ModelLimits, ModelRequest } from './model.ts';
import { pricingOf } from './price.ts';
import { originOf } from './provider-data.ts';
import type { HeaderReader } from './rate-headers.ts';

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
  /** Told what the headers of each answer say. */
  readonly onHeaders?: ((header: HeaderReader) => void) | undefined;
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
  const origin = originOf('anthropic', baseUrl, id);
  const extraBody = options.extraBody ?? {};
  const requests = new AnthropicRequests({
    name: options.name,
    maxOutputTokens: options.limits?.maxOutputTokens ?? Math.min(maxOutputTokens, DEFAULT_MAX_OUTPUT_TOKENS),
    extraBody,
    thinking: new ThinkingHistory(origin, extraBody),
  });
  const { price } = options;
  const pricing = pricingOf({ modelId: id, baseUrl, ...(price === undefined ? {} : { price }) });
  let opening: Promise<AnthropicWire> | undefined;

  async function* groups(request: ModelRequest, signal: AbortSignal): AsyncGenerator<readonly ModelEvent[]> {
    let wire: AnthropicWire | undefined;
    try {
      opening ??= openAnthropicWire({
        apiKey,
        baseUrl,
        headers: { ...options.headers },
        onHeaders: options.onHeaders,
      });
      wire = await opening;
      signal.throwIfAborted();
      const { stream, tools, notes: requestNotes } = await send(requests, request, { wire, signal });
      const answer = new AnthropicAnswer(tools, origin);
      const read = new GroupReader(answer);
      for await (const piece of stream.pieces) {
        yield read.told(stream.read(piece));
        read.throwFault();
      }
      read.throwFault();
      signal.throwIfAborted();
      const { content, stopReason, providerStopReason, usage, notes } = readAnswer(() => answer.end());
      const message = { role: 'assistant', content } as const;
      const costUsd = await pricing.costUsd(usage);
      const allNotes = [...tools.notes, ...requestNotes, ...notes];
      const end: ModelEvent = {
        type: 'message-end',
        message,
        stopReason,
        providerStopReason,
        usage,
        model: id,
        ...(costUsd === undefined ? {} : { costUsd }),
        ...(allNotes.length > 0 ? { notes: allNotes } : {}),
      };
      yield [end];
    } catch (error) {
      const explained = wire?.explained(error) ?? error;
      const failure = signal.aborted ? cancelledFailure(id) : toModelFailure(explained, wire?.sdk, failures);
      yield [{ type: 'error', failure }];
    }
  }

  const limits = {
    maxTools: 512,
    maxOutputTokens,
    ...options.limits,
    accepts: { images: options.limits?.accepts?.images ?? true, audio: false },
  };
  return {
    id,
    limits,
    costUsd: pricing.costUsd,
    stream: (request, { signal }) => flattened(() => groups(request, signal)),
  };
}

type Sent = Omit<AnthropicRequest, 'body'> & { readonly stream: AnthropicStream };

/** Once more, without it, where the provider refuses thinking of earlier turns. */
async function send(
  requests: AnthropicRequests,
  request: ModelRequest,
  { wire, signal }: { readonly wire: AnthropicWire; readonly signal: AbortSignal },
): Promise<Sent> {
  const { body, ...written } = requests.write(request);
  try {
    return { ...written, stream: await wire.send(body, signal) };
  } catch (error) {
    if (!requests.learn(error, request)) throw error;
    const { body: reduced, tools, notes } = requests.write(request);
    return { tools, notes: [...notes, WITHOUT_THINKING], stream: await wire.send(reduced, signal) };
  }
}

const WITHOUT_THINKING =
  'the provider refused thinking of earlier turns, because what stands before it changed, and goes on without it';

/** Reads all of a group at once; what broke it is thrown after what came before it was told. */
class GroupReader {
  readonly #answer: AnthropicAnswer;
  #fault: { readonly error: unknown } | undefined;

  constructor(answer: AnthropicAnswer) {
    this.#answer = answer;
  }

  told(events: Parameters<AnthropicAnswer['takeAll']>[0]): readonly ModelEvent[] {
    const told: ModelEvent[] = [];
    try {
      for (const event of mergeDeltas(this.#answer.takeAll(events))) told.push(event);
    } catch (error) {
      this.#fault = { error };
    }
    return told;
  }

  throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }
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
