/** Models in this process, by node-llama-cpp, which is installed and loaded when the first answer is asked for. */
import { messageOf } from '../../errors.ts';
import type { LocalTools } from '../../local-model/catalog.ts';
import { cancelledFailure } from './failure.ts';
import { type LocalEngine, type LocalEngines, LocalUnavailable } from './local-engine.ts';
import { localFunctions, localHistory, withoutNulls } from './local-request.ts';
import type { LlamaGenerateOptions, LlamaResponse } from './local-runtime.ts';
import type {
  AssistantPart,
  Model,
  ModelEvent,
  ModelFailure,
  ModelRequest,
  StopReason,
  Usage,
} from './model.ts';

export interface LocalModelOptions {
  /** `local/…`. */
  readonly id: string;
  /** A GGUF file, absolute. */
  readonly file: string;
  readonly contextTokens: number;
  readonly maxOutputTokens?: number;
  readonly maxTools?: number;
  readonly tools: LocalTools;
  /** What brings the file, for messages: `switchyard models pull local-1.5b`. */
  readonly pullCommand?: string;
  readonly engines: LocalEngines;
}

const MAX_TOOLS = 64;
const MAX_OUTPUT_TOKENS = 1_024;

/** Costs nothing. With `tools: "grammar"` it takes no tools, and its limits tell to ask it by the single-tool workflow. */
export function localModel(options: LocalModelOptions): Model {
  const { id, contextTokens, maxTools = MAX_TOOLS, tools } = options;
  const maxOutputTokens = options.maxOutputTokens ?? Math.min(MAX_OUTPUT_TOKENS, contextTokens >> 2);

  async function* stream(
    request: ModelRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<ModelEvent> {
    if (tools === 'grammar' && request.tools.length > 0) {
      const message = `${id} uses one tool a question and cannot take part in a conversation with tools. Name it alone under models, without other candidates.`;
      yield { type: 'error', failure: { code: 'invalid-request', message, retryable: false, model: id } };
      return;
    }
    // Ends the generation also where the reader leaves before its end.
    const leaving = new AbortController();
    try {
      signal.throwIfAborted();
      const ended = AbortSignal.any([signal, leaving.signal]);
      const { text, finished } = generation(request, options, maxOutputTokens, ended);
      for await (const piece of text) {
        if (request.outputSchema === undefined) yield { type: 'text-delta', text: piece };
      }
      const { response, usage } = await finished;
      signal.throwIfAborted();
      yield messageEnd(id, response, usage, request.messages.length);
    } catch (error) {
      const failure = signal.aborted ? cancelledFailure(id) : failureOf(error, options);
      yield { type: 'error', failure };
    } finally {
      leaving.abort();
    }
  }

  return {
    id,
    limits: {
      contextWindowTokens: contextTokens,
      maxOutputTokens,
      maxTools,
      accepts: { images: false, audio: false },
      outputSchema: true,
      ...(tools === 'grammar' ? { toolUse: 'single' as const } : {}),
    },
    costUsd: async () => 0,
    stream,
  };
}

interface Generated {
  readonly response: LlamaResponse;
  readonly usage: Usage;
}

/** `text` must be read to its end; it fails as `finished` does, at once when the signal aborts. */
function generation(
  request: ModelRequest,
  { engines, file, contextTokens }: LocalModelOptions,
  maxOutputTokens: number,
  signal: AbortSignal,
): { readonly text: AsyncIterable<string>; readonly finished: Promise<Generated> } {
  const { promise: finished, resolve } = Promise.withResolvers<Generated>();
  /** Somebody still reads. */
  let isOpen = true;
  const text = new ReadableStream<string>({
    cancel() {
      isOpen = false;
    },
    start(controller) {
      // Loading and reading a long prompt are not interrupted at once; whoever waits for them is.
      const onAbort = (): void => {
        isOpen = false;
        controller.error(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const work = engines.get(file, contextTokens).then((engine) =>
        engine.alone(() =>
          generate(engine, request, {
            signal,
            maxTokens: Math.min(request.maxOutputTokens ?? maxOutputTokens, maxOutputTokens),
            onTextChunk: (piece) => {
              if (isOpen) controller.enqueue(piece);
            },
          }),
        ),
      );
      work
        .then(
          (generated) => {
            resolve(generated);
            if (isOpen) controller.close();
          },
          (error: unknown) => controller.error(error),
        )
        .finally(() => signal.removeEventListener('abort', onAbort));
    },
  });
  return { text, finished };
}

async function generate(
  engine: LocalEngine,
  request: ModelRequest,
  options: Pick<LlamaGenerateOptions, 'signal' | 'maxTokens' | 'onTextChunk'>,
): Promise<Generated> {
  options.signal.throwIfAborted();
  const shape = await shapeOf(engine, request);
  const { tokenMeter } = engine.sequence;
  const before = { input: tokenMeter.usedInputTokens, output: tokenMeter.usedOutputTokens };
  const response = await engine.chat.generateResponse(localHistory(request), {
    ...options,
    temperature: request.temperature ?? 0,
    // The library's default looks back over 64 tokens and spoils what is to be copied from them.
    repeatPenalty: false,
    contextShift: { size: refuseToShift },
    ...shape,
  });
  const inputTokens = tokenMeter.usedInputTokens - before.input;
  const outputTokens = tokenMeter.usedOutputTokens - before.output;
  const cacheReadTokens = Math.max(0, engine.sequence.nextTokenIndex - inputTokens - outputTokens);
  return { response, usage: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens: 0 } };
}

async function shapeOf(
  engine: LocalEngine,
  request: ModelRequest,
): Promise<Pick<LlamaGenerateOptions, 'grammar' | 'functions' | 'documentFunctionParams'>> {
  if (request.outputSchema !== undefined) return { grammar: await engine.grammar(request.outputSchema) };
  if (request.tools.length === 0 || request.toolChoice === 'none') return {};
  return { functions: localFunctions(request.tools), documentFunctionParams: true };
}

/** Rather than dropping the beginning of a conversation in silence. */
function refuseToShift(): never {
  throw new ContextOverflow();
}

class ContextOverflow extends Error {}

function messageEnd(id: string, response: LlamaResponse, usage: Usage, ordinal: number): ModelEvent {
  const content: AssistantPart[] =
    response.response === '' ? [] : [{ type: 'text', text: response.response }];
  for (const [index, call] of (response.functionCalls ?? []).entries()) {
    const callId = `call_${ordinal}_${index + 1}`;
    content.push({
      type: 'tool-call',
      callId,
      name: call.functionName,
      arguments: withoutNulls(call.params),
    });
  }
  const { stopReason } = response.metadata;
  return {
    type: 'message-end',
    message: { role: 'assistant', content },
    stopReason: STOP_REASONS[stopReason] ?? 'other',
    providerStopReason: stopReason,
    usage,
    model: id,
    costUsd: 0,
  };
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  eogToken: 'end',
  stopGenerationTrigger: 'end',
  functionCalls: 'tool-calls',
  maxTokens: 'max-tokens',
};

function failureOf(
  error: unknown,
  { id, file, contextTokens, pullCommand }: LocalModelOptions,
): ModelFailure {
  const failure = (code: ModelFailure['code'], message: string): ModelFailure => ({
    code,
    message: `${id}: ${message}`,
    retryable: false,
    model: id,
  });
  if (error instanceof LocalUnavailable) {
    const pull = pullCommand ?? 'switchyard models pull local';
    if (error.missing === 'runtime') return failure('not-found', `${error.message}. "${pull}" installs it.`);
    const what =
      pullCommand === undefined ? 'Check "file" of this model under models' : `"${pull}" fetches it`;
    return failure('not-found', `${error.message}. ${what}.`);
  }
  if (error instanceof ContextOverflow) {
    return failure(
      'context-overflow',
      `the request does not fit into ${contextTokens} tokens. Ask for less, or raise contextWindowTokens of this model.`,
    );
  }
  return failure('server-error', `${file} could not be used: ${messageOf(error).replaceAll(/\s+/g, ' ')}`);
}
