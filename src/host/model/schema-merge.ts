/** Takes `$ref`, `allOf`, `anyOf`, `oneOf`, `not`, `enum` and `const` off the top of a schema. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { resolveRef } from './schema-repair.ts';

/** A type that refers to itself at the top would be followed for ever. */
const MAX_DEPTH = 8;

export function mergeTopLevel(schema: JsonObject, notes: string[]): JsonObject {
  return merge(schema, schema, notes, 0);
}

function merge(schema: JsonObject, root: JsonObject, notes: string[], depth: number): JsonObject {
  if (!TOP_KEYWORDS.some((keyword) => schema[keyword] !== undefined)) return schema;
  const { $ref, allOf, anyOf, oneOf, not, enum: values, const: value, ...rest } = schema;
  let merged: JsonObject = rest;
  const expand = (branch: Json): JsonObject => {
    if (!isJsonObject(branch)) return {};
    if (depth < MAX_DEPTH) return merge(branch, root, notes, depth + 1);
    notes.push('the schema refers to itself at the top, the inner part was left out');
    return {};
  };
  if (typeof $ref === 'string') merged = both(merged, expand(resolveRef($ref, root) ?? {}), notes);
  for (const branch of branches(allOf)) merged = both(merged, expand(branch), notes);
  for (const choice of [anyOf, oneOf]) {
    const alternatives = branches(choice).map(expand);
    if (alternatives.length === 1 && alternatives[0] !== undefined)
      merged = both(merged, alternatives[0], notes);
    else if (alternatives.length > 1) merged = either(merged, alternatives, notes);
  }
  const dropped = Object.entries({ not, enum: values, const: value }).filter(
    ([, given]) => given !== undefined,
  );
  for (const [keyword] of dropped) notes.push(`'${keyword}' at the top is not accepted and was left out`);
  return merged;
}

const TOP_KEYWORDS = ['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'enum', 'const'];

function branches(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** What satisfies both. */
function both(base: JsonObject, other: JsonObject, notes: string[]): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [keyword, value] of Object.entries(other)) {
    const own = merged[keyword];
    if (own === undefined) merged[keyword] = value;
    else if (keyword === 'required') merged[keyword] = [...new Set([...names(own), ...names(value)])];
    else if (keyword === 'properties') merged[keyword] = unite(own, value, 'allOf');
    else if (keyword === '$defs' || keyword === 'definitions')
      merged[keyword] = { ...record(value), ...record(own) };
    else if (JSON.stringify(own) !== JSON.stringify(value) && !ANNOTATIONS.has(keyword)) {
      notes.push(`two different '${keyword}' at the top, the second was left out`);
    }
  }
  return merged;
}

const ANNOTATIONS = new Set(['title', 'description', 'default', 'examples', '$comment', '$id', 'type']);

/** What satisfies one of several: every property is offered, and only what all require is required. */
function either(base: JsonObject, alternatives: readonly JsonObject[], notes: string[]): JsonObject {
  let properties: Json = {};
  for (const alternative of alternatives)
    properties = unite(properties, alternative.properties ?? {}, 'anyOf');
  const [first = [], ...others] = alternatives.map(({ required }) => names(required ?? []));
  const common = first.filter((name) => others.every((list) => list.includes(name)));
  const required = [...new Set([...names(base.required ?? []), ...common])];
  const shapes = alternatives.map((alternative, index) => `(${index + 1}) ${shape(alternative)}`).join('; ');
  const rule = `Give the arguments of one of these shapes: ${shapes}.`;
  notes.push(`the choice between ${alternatives.length} shapes is said in its description only`);
  const definitions = alternatives
    .flatMap(({ $defs, definitions: old }) => [$defs ?? {}, old ?? {}])
    .filter(isJsonObject);
  const merged = both(base, { properties, ...(required.length > 0 ? { required } : {}) }, notes);
  return {
    ...merged,
    ...(definitions.some((map) => Object.keys(map).length > 0)
      ? { $defs: Object.assign({}, ...definitions, record(merged.$defs ?? {})) as JsonObject }
      : {}),
    description: typeof base.description === 'string' ? `${base.description}\n${rule}` : rule,
  };
}

function shape({ properties, required }: JsonObject): string {
  const needed = names(required ?? []);
  const optional = Object.keys(record(properties ?? {})).filter((name) => !needed.includes(name));
  return [...needed, ...optional.map((name) => `${name} (optional)`)].join(', ') || 'anything';
}

function unite(left: Json, right: Json, keyword: 'allOf' | 'anyOf'): JsonObject {
  const united: Record<string, Json> = { ...record(left) };
  for (const [name, schema] of Object.entries(record(right))) {
    const own = united[name];
    if (own === undefined) united[name] = schema;
    else if (JSON.stringify(own) !== JSON.stringify(schema))
      united[name] = { [keyword]: [...parts(own, keyword), schema] };
  }
  return united;
}

/** A property that several shapes describe differently becomes one flat list, not a nest of lists. */
function parts(schema: Json, keyword: 'allOf' | 'anyOf'): readonly Json[] {
  const list = isJsonObject(schema) && Object.keys(schema).length === 1 ? schema[keyword] : undefined;
  return Array.isArray(list) ? list : [schema];
}

function record(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}

function names(value: Json): string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [];
  return list.filter((name) => typeof name === 'string');
}
