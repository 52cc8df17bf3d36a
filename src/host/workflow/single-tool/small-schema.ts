/** A tool's schema cut down to what a small model fills in reliably: its required, simple properties. */
import type { JsonObject } from '../../../json.ts';
import { isJsonObject } from '../../../json.ts';

/** A model that goes on and on is stopped by its grammar. */
const LONGEST_STRING = 160;
const SIMPLE_TYPES = new Set(['string', 'number', 'integer', 'boolean']);

/** Undefined where a required property is no simple value: such a tool is not for a small model. */
export function smallSchema(schema: JsonObject): JsonObject | undefined {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const kept: [string, JsonObject][] = [];
  for (const name of required) {
    if (typeof name !== 'string') return undefined;
    const property = properties[name];
    const simple = isJsonObject(property) ? simpleProperty(property) : undefined;
    if (simple === undefined) return undefined;
    kept.push([name, simple]);
  }
  return { type: 'object', properties: Object.fromEntries(kept) };
}

function simpleProperty(property: JsonObject): JsonObject | undefined {
  const { enum: choices, const: constant, type, description } = property;
  const told = typeof description === 'string' ? { description } : {};
  if (constant !== undefined) return { const: constant, ...told };
  if (Array.isArray(choices)) return { enum: choices, ...told };
  if (typeof type !== 'string' || !SIMPLE_TYPES.has(type)) return undefined;
  if (type !== 'string') return { type, ...told };
  const { maxLength } = property;
  const longest = typeof maxLength === 'number' ? Math.min(maxLength, LONGEST_STRING) : LONGEST_STRING;
  return { type, maxLength: longest, ...told };
}

/** The schema of "exactly one call of one of these". */
export function callSchema(tools: readonly { readonly name: string; readonly schema: JsonObject }[]): JsonObject {
  return {
    oneOf: tools.map(({ name, schema }) => ({
      type: 'object',
      properties: { name: { const: name }, arguments: schema },
    })),
  };
}
