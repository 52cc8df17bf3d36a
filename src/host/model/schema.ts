/**
 * Adapts a tool's input schema to what a provider accepts.
 *
 * Anthropic: an object at the top, no `oneOf`, `anyOf` or `allOf` there, draft 2020-12, and top-level property names of
 * `[a-zA-Z0-9_.-]{1,64}`. OpenAI chat completions: an object with `properties` at the top, none of `oneOf`, `anyOf`,
 * `allOf`, `enum`, `not` there, and `items` in every array. One refused schema fails the whole request.
 */
import { createHash } from 'node:crypto';

import { isJsonObject, type JsonObject } from '../../json.ts';
import type { ModelTool } from './model.ts';
import { repairSchema } from './schema-repair.ts';
import { mergeTopLevel } from './schema-merge.ts';

export type SchemaDialect = 'anthropic' | 'openai';

export interface AdaptedSchema {
  readonly schema: JsonObject;
  /** What the sent schema no longer says. Empty: it accepts exactly what the original accepts. */
  readonly notes: readonly string[];
  /** Top-level argument names that had to change: the tool's own name → the sent one. */
  readonly sentNames: ReadonlyMap<string, string>;
  /** The sent name → the tool's own. */
  readonly ownNames: ReadonlyMap<string, string>;
}

const caches: Readonly<Record<SchemaDialect, WeakMap<object, AdaptedSchema>>> = {
  anthropic: new WeakMap(),
  openai: new WeakMap(),
};

/** Never throws, whatever the schema is. Remembered by the identity of the schema. */
export function adaptSchema(schema: unknown, dialect: SchemaDialect): AdaptedSchema {
  if (!isJsonObject(schema)) return adapt({}, dialect, [`the schema is no object (${describe(schema)})`]);
  const known = caches[dialect].get(schema);
  if (known !== undefined) return known;
  const adapted = adapt(schema, dialect, []);
  caches[dialect].set(schema, adapted);
  return adapted;
}

export interface AdaptedTools {
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly schema: JsonObject;
  }[];
  /** Prefixed with the tool's name. */
  readonly notes: readonly string[];
  readonly byName: ReadonlyMap<string, AdaptedSchema>;
}

const toolCaches: Readonly<Record<SchemaDialect, WeakMap<readonly ModelTool[], AdaptedTools>>> = {
  anthropic: new WeakMap(),
  openai: new WeakMap(),
};

/** Remembered by the identity of the list, which nobody changes. */
export function adaptTools(tools: readonly ModelTool[], dialect: SchemaDialect): AdaptedTools {
  const known = toolCaches[dialect].get(tools);
  if (known !== undefined) return known;
  const adapted = adaptList(tools, dialect);
  toolCaches[dialect].set(tools, adapted);
  return adapted;
}

function adaptList(tools: readonly ModelTool[], dialect: SchemaDialect): AdaptedTools {
  const byName = new Map<string, AdaptedSchema>();
  const notes: string[] = [];
  const adapted = tools.map(({ name, description, inputSchema }) => {
    const result = adaptSchema(inputSchema, dialect);
    byName.set(name, result);
    for (const note of result.notes) notes.push(`${name}: ${note}`);
    return { name, description, schema: result.schema };
  });
  return { tools: adapted, notes, byName };
}

function adapt(schema: JsonObject, dialect: SchemaDialect, notes: string[]): AdaptedSchema {
  const repaired = repairSchema(schema, '', { root: schema, notes, itemsRequired: dialect === 'openai' });
  let top = asObject(mergeTopLevel(repaired, notes), notes);
  if (dialect === 'openai' && !isJsonObject(top.properties)) top = { ...top, properties: {} };
  const { renamed, sentNames } =
    dialect === 'anthropic' ? renameProperties(top) : { renamed: top, sentNames: new Map() };
  return {
    schema: renamed,
    notes,
    sentNames,
    ownNames: new Map([...sentNames].map(([own, sent]): [string, string] => [sent, own])),
  };
}

/** Arguments are always an object, so a missing type or one of several types loses nothing. */
function asObject(schema: JsonObject, notes: string[]): JsonObject {
  const { type } = schema;
  if (type === 'object') return schema;
  if (type === undefined && (schema.properties !== undefined || Object.keys(schema).length === 0)) {
    if (schema.properties === undefined) notes.push('the schema says nothing, any arguments are accepted');
    return { type: 'object', ...schema };
  }
  if (type === undefined || (Array.isArray(type) && type.includes('object')))
    return { ...schema, type: 'object' };
  notes.push(`the schema describes no object (type ${JSON.stringify(type)}), any arguments are accepted`);
  return {
    type: 'object',
    ...(typeof schema.description === 'string' ? { description: schema.description } : {}),
  };
}

const SENDABLE_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;

function renameProperties(schema: JsonObject): {
  renamed: JsonObject;
  sentNames: ReadonlyMap<string, string>;
} {
  const sentNames = new Map<string, string>();
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return { renamed: schema, sentNames };
  const names = Object.keys(properties);
  const taken = new Set(names);
  for (const name of names) {
    if (SENDABLE_NAME.test(name)) continue;
    const plain = name.replaceAll(/[^a-zA-Z0-9_.-]/g, '_').slice(0, 64);
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
    const sent = plain === '' || taken.has(plain) ? `${plain.slice(0, 55)}_${hash}` : plain;
    taken.add(sent);
    sentNames.set(name, sent);
  }
  if (sentNames.size === 0) return { renamed: schema, sentNames };
  const rename = (name: string): string => sentNames.get(name) ?? name;
  return {
    renamed: {
      ...schema,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [rename(name), value]),
      ),
      ...(Array.isArray(required) ? { required: required.map((name) => rename(String(name))) } : {}),
    },
    sentNames,
  };
}

function describe(value: unknown): string {
  return String(JSON.stringify(value) ?? typeof value).slice(0, 60);
}
