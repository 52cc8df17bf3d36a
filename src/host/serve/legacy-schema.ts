/** What the 2025 era cannot carry: structured output that is no object, and schemas of it. */
import { isJsonObject, type JsonObject } from '../../json.ts';
import { nestedSchema } from './nested-schema.ts';

/** A tool as a client of the 2025 era may have it: its output schema describes an object. */
export function legacyTool(definition: JsonObject): JsonObject {
  const { outputSchema } = definition;
  if (!isJsonObject(outputSchema) || outputSchema['type'] === 'object') return definition;
  return { ...definition, outputSchema: wrappedSchema(outputSchema) };
}

/** The result of such a tool, which fits the schema that `legacyTool` gives. */
export function legacyToolResult(result: JsonObject, outputSchema: JsonObject | undefined): JsonObject {
  const { structuredContent } = result;
  if (structuredContent === undefined) return result;
  const isWrapped = outputSchema !== undefined && outputSchema['type'] !== 'object';
  if (isJsonObject(structuredContent) && !isWrapped) return result;
  return { ...result, structuredContent: { result: structuredContent } };
}

function wrappedSchema(schema: JsonObject): JsonObject {
  const { $schema } = schema;
  return {
    ...($schema === undefined ? {} : { $schema }),
    type: 'object',
    properties: { result: nestedSchema(schema, 'result') },
    required: ['result'],
  };
}
