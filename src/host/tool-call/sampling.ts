import { HostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type {
  AssistantPart,
  InputPart,
  Model,
  ModelMessage,
  ModelRequest,
  StopReason,
  ToolResultPart,
  Usage,
} from '../model/model.ts';

export interface Sampled {
  /** `CreateMessageResult` of the protocol (spec: client/sampling). */
  readonly result: JsonObject;
  readonly usage: Usage;
  readonly costUsd: number | undefined;
}

const MAX_OUTPUT_TOKENS = 4_096;

/** Answers a server's `sampling/createMessage` with a model. Rejects with HostError `model-failed`. */
export async function sample(model: Model, params: JsonObject, signal: AbortSignal): Promise<Sampled> {
  for await (const event of model.stream(requestOf(params), { signal })) {
    if (event.type === 'error') throw new HostError('model-failed', event.failure.message);
    if (event.type !== 'message-end') continue;
    const content = event.message.content.flatMap(blockOf);
    return {
      result: {
        role: 'assistant',
        content: content.length === 1 && content[0] ? content[0] : content,
        model: event.model,
        stopReason: STOP_REASONS[event.stopReason],
      },
      usage: event.usage,
      costUsd: event.costUsd,
    };
  }
  throw new HostError('internal', `The stream of ${model.id} ended without message-end or error.`);
}

const STOP_REASONS: Readonly<Record<StopReason, string>> = {
  end: 'endTurn',
  'tool-calls': 'toolUse',
  'max-tokens': 'maxTokens',
  'stop-sequence': 'stopSequence',
  refusal: 'refusal',
  pause: 'endTurn',
  other: 'endTurn',
};

function requestOf(params: JsonObject): ModelRequest {
  const asked = typeof params['maxTokens'] === 'number' ? params['maxTokens'] : MAX_OUTPUT_TOKENS;
  const tools = objects(params['tools']).map((tool) => ({
    name: jsonText(tool['name']),
    description: jsonText(tool['description'] ?? ''),
    inputSchema: isJsonObject(tool['inputSchema']) ? tool['inputSchema'] : { type: 'object' },
  }));
  return {
    messages: objects(params['messages']).map(messageOf),
    tools,
    maxOutputTokens: Math.min(asked, MAX_OUTPUT_TOKENS),
    ...(typeof params['systemPrompt'] === 'string' ? { system: params['systemPrompt'] } : {}),
    ...(typeof params['temperature'] === 'number' ? { temperature: params['temperature'] } : {}),
  };
}

function messageOf(message: JsonObject): ModelMessage {
  const blocks = isJsonObject(message['content']) ? [message['content']] : objects(message['content']);
  const results = blocks.filter((block) => block['type'] === 'tool_result').map(toolResultOf);
  if (results.length > 0) return { role: 'tool', results };
  if (message['role'] !== 'assistant') return { role: 'user', content: blocks.map(inputPartOf) };
  return { role: 'assistant', content: blocks.map(assistantPartOf) };
}

function inputPartOf(block: JsonObject): InputPart {
  if (block['type'] === 'text') return { type: 'text', text: jsonText(block['text']) };
  if (block['type'] === 'image') {
    return { type: 'image', mimeType: jsonText(block['mimeType']), base64: jsonText(block['data']) };
  }
  throw new HostError(
    'invalid-request',
    `Sampling with content of type ${jsonText(block['type'])} is not possible; text and image are.`,
  );
}

function assistantPartOf(block: JsonObject): AssistantPart {
  if (block['type'] !== 'tool_use') return { type: 'text', text: jsonText(block['text'] ?? '') };
  return {
    type: 'tool-call',
    callId: jsonText(block['id']),
    name: jsonText(block['name']),
    arguments: isJsonObject(block['input']) ? block['input'] : {},
  };
}

function toolResultOf(block: JsonObject): ToolResultPart {
  return {
    callId: jsonText(block['toolUseId']),
    name: '',
    isError: block['isError'] === true,
    content: objects(block['content']).map(inputPartOf),
  };
}

function blockOf(part: AssistantPart): JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type === 'tool-call')
    return [{ type: 'tool_use', id: part.callId, name: part.name, input: part.arguments ?? {} }];
  return [];
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
