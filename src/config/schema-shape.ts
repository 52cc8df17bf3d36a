/** Readings of the JSON Schema that the one zod schema gives: which keys exist where, and the README's table. */
import { isJsonObject, type JsonObject } from '../json.ts';
import type { JsonPath } from './json-document.ts';
import { configJsonSchema } from './schema.ts';

/** The keys that an object at this path of `mcp.config.json` may have, over all its allowed shapes. */
export function knownKeys(path: JsonPath, schema: unknown = configJsonSchema()): readonly string[] {
  const named = (part: unknown): JsonObject[] =>
    alternatives(part).flatMap((shape) => resolved(shape, schema));
  let shapes = named(schema);
  for (const key of path) shapes = shapes.flatMap((shape) => named(childOf(shape, key)));
  return [
    ...new Set(
      shapes.flatMap((shape) => (isJsonObject(shape.properties) ? Object.keys(shape.properties) : [])),
    ),
  ];
}

/** A Markdown table of every key with its type, default and meaning. */
export function configMarkdown(schema: unknown = configJsonSchema()): string {
  const rows = alternatives(schema).flatMap((shape) => propertyRows(shape, ''));
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function propertyRows(shape: JsonObject, prefix: string): string[] {
  const properties = isJsonObject(shape.properties) ? shape.properties : {};
  return Object.entries(properties).flatMap(([key, property]) => {
    if (!isJsonObject(property)) return [];
    const path = `${prefix}${key}`;
    const written = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``;
    const row = `| \`${path}\` | ${typeText(property)} | ${written} | ${cell(property.description)} |`;
    return [row, ...uniqueRows(nestedRows(property, path))];
  });
}

function nestedRows(property: JsonObject, path: string): string[] {
  return alternatives(property).flatMap((shape) => {
    if (isJsonObject(shape.properties)) return propertyRows(shape, `${path}.`);
    if (isJsonObject(shape.items))
      return alternatives(shape.items).flatMap((inner) => propertyRows(inner, `${path}[].`));
    if (!isJsonObject(shape.additionalProperties)) return [];
    return alternatives(shape.additionalProperties)
      .flatMap((inner) => [inner, ...(isJsonObject(inner.items) ? alternatives(inner.items) : [])])
      .flatMap((inner) => propertyRows(inner, `${path}.<name>.`));
  });
}

function typeText(property: JsonObject): string {
  const types = alternatives(property).map((shape) => {
    if (Array.isArray(shape.enum)) return shape.enum.map((value) => `\`${String(value)}\``).join(' or ');
    if (typeof shape.const === 'string') return `\`${shape.const}\``;
    if (shape.type === 'array')
      return isJsonObject(shape.items) ? `list of ${typeText(shape.items)}` : 'list';
    if (shape.type === 'integer') return 'whole number';
    if (shape.type === 'boolean') return 'true or false';
    return typeof shape.type === 'string' ? shape.type : 'any';
  });
  return [...new Set(types)].join(' or ');
}

/** The same key of several shapes (a server's common keys) is told once. */
function uniqueRows(rows: readonly string[]): string[] {
  return [...new Set(rows)];
}

function alternatives(schema: unknown): JsonObject[] {
  if (!isJsonObject(schema)) return [];
  return Array.isArray(schema.anyOf) ? schema.anyOf.flatMap(alternatives) : [schema];
}

/** What a reference to a part of the schema that refers to itself stands for. */
function resolved(shape: JsonObject, schema: unknown): JsonObject[] {
  const { $ref } = shape;
  const definitions = isJsonObject(schema) ? schema.$defs : undefined;
  if (typeof $ref !== 'string' || !isJsonObject(definitions)) return [shape];
  const name = $ref.replace('#/$defs/', '');
  return alternatives(definitions[name]).flatMap((inner) => resolved(inner, schema));
}

function childOf(shape: JsonObject, key: string | number): unknown {
  if (typeof key === 'number') return shape.items;
  const properties = isJsonObject(shape.properties) ? shape.properties : {};
  return Object.hasOwn(properties, key) ? properties[key] : shape.additionalProperties;
}

function cell(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll('|', '\\|') : '';
}
