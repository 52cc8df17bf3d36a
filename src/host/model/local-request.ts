/** A request in the words of node-llama-cpp. */
import type { JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import type { LlamaGenerateOptions, LlamaHistory, LlamaHistoryItem } from './local-runtime.ts';
import type { InputPart, ModelRequest, ModelTool, ToolMessage } from './model.ts';

/** The library keeps what one model says between two questions, calls and their results included, in one item. */
export function localHistory({ system, messages }: ModelRequest): LlamaHistory {
  const items: LlamaHistoryItem[] = system === undefined ? [] : [{ type: 'system', text: system }];
  const results = new Map(
    messages.flatMap((message) =>
      message.role === 'tool' ? message.results.map((result) => [result.callId, result] as const) : [],
    ),
  );
  for (const message of messages) {
    if (message.role === 'tool') continue;
    if (message.role === 'user') {
      items.push({ type: 'user', text: textOf(message.content) });
      continue;
    }
    const last = items.at(-1);
    const response = last?.type === 'model' ? last.response : [];
    if (last?.type !== 'model') items.push({ type: 'model', response });
    for (const part of message.content) {
      if (part.type === 'text') response.push(part.text);
      else if (part.type === 'tool-call') {
        const { name, arguments: params = {}, callId } = part;
        response.push({ type: 'functionCall', name, params, result: resultText(results.get(callId)) });
      }
    }
  }
  return items;
}

function resultText(result: ToolMessage['results'][number] | undefined): string {
  if (result === undefined) return 'Error: there is no result of this call.';
  const text = textOf(result.content);
  return result.isError ? `Error: ${text}` : text;
}

function textOf(parts: readonly InputPart[]): string {
  return parts
    .map((part) => (part.type === 'text' ? part.text : `[${part.mimeType}: this model sees no images]`))
    .join('\n');
}

export type LocalFunctions = NonNullable<LlamaGenerateOptions['functions']>;

/**
 * The library makes a model fill in every property that a schema names, so one that may be left out is given `null` as a
 * way to say so.
 */
export function localFunctions(tools: readonly ModelTool[]): LocalFunctions {
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => {
      const properties = isJsonObject(inputSchema['properties']) ? inputSchema['properties'] : {};
      const hasParameters = Object.keys(properties).length > 0;
      return [name, { description, ...(hasParameters ? { params: nullable(inputSchema, properties) } : {}) }];
    }),
  );
}

function nullable(schema: JsonObject, properties: JsonObject): JsonObject {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const defs = isJsonObject(schema['$defs']) ? { $defs: grammarSchema(schema['$defs']) } : {};
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, written]) => {
        const property = grammarSchema(written);
        return [name, required.has(name) ? property : { oneOf: [property, { type: 'null' }] }];
      }),
    ),
    ...defs,
  };
}

/** `anyOf` by the name that the library knows; what it does not know it passes over. */
function grammarSchema(schema: JsonObject[string]): JsonObject[string] {
  if (Array.isArray(schema)) return schema.map((item) => grammarSchema(item));
  if (!isJsonObject(schema)) return schema;
  const { anyOf, ...rest } = schema;
  const entries = Object.entries(rest).map(([key, value]) => [key, grammarSchema(value)]);
  return Object.fromEntries(anyOf === undefined ? entries : [...entries, ['oneOf', grammarSchema(anyOf)]]);
}

/** What a model called with, without the nulls that stand for nothing. */
export function withoutNulls(params: unknown): JsonObject {
  if (!isJsonObject(params)) return {};
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));
}
