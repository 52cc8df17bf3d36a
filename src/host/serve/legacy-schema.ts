/** What the 2025 era cannot carry: structured output that is no object, and schemas of it. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

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
    properties: { result: hasOwnBase(schema) ? schema : moved(schema, false) },
    required: ['result'],
  };
}

/** Pointers into the schema itself lead to where it stands now. */
function moved(node: Json, namesOfAuthor: boolean): Json {
  if (Array.isArray(node)) return (node as readonly Json[]).map((item) => moved(item, false));
  if (!isJsonObject(node) || (!namesOfAuthor && hasOwnBase(node))) return node;
  const entries = Object.entries(node).map(([key, value]): [string, Json] => {
    if (namesOfAuthor) return [key, moved(value, false)];
    if (POINTERS.has(key) && typeof value === 'string') return [key, movedPointer(value)];
    return [key, DATA.has(key) ? value : moved(value, NAME_MAPS.has(key))];
  });
  return Object.fromEntries(entries);
}

function movedPointer(pointer: string): string {
  return pointer === '#' || pointer.startsWith('#/') ? `#/properties/result${pointer.slice(1)}` : pointer;
}

/** A fragment alone names a place and no base (JSON Schema draft 7). */
function hasOwnBase({ $id }: JsonObject): boolean {
  return typeof $id === 'string' && !$id.startsWith('#');
}

const POINTERS: ReadonlySet<string> = new Set(['$ref', '$dynamicRef']);
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);
const NAME_MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);
