/** Makes any JSON value a valid JSON Schema (draft 2020-12), keeping as much of its meaning as that draft can say. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

const TYPES = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']);
const SCHEMA_MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const SCHEMAS = [
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
];
const COUNTS = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
];
const NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
const STRINGS = [
  'title',
  'description',
  'format',
  '$id',
  '$anchor',
  '$comment',
  'contentEncoding',
  'contentMediaType',
];
const BOOLEANS = ['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'];

export interface RepairContext {
  readonly root: JsonObject;
  readonly notes: string[];
  /** Some providers refuse an array that does not say what its items are. */
  readonly itemsRequired: boolean;
}

/** Returns the same object where nothing had to change. `path` names the place for the notes: '' is the root. */
export function repairSchema(schema: JsonObject, path: string, context: RepairContext): JsonObject {
  const draft = new Map<string, Json>(Object.entries(schema));
  let changed = false;
  const drop = (keyword: string, why?: string): void => {
    draft.delete(keyword);
    changed = true;
    if (why !== undefined)
      context.notes.push(`${path || 'the schema'}: '${keyword}' ${why} and was left out`);
  };
  const replace = (keyword: string, value: Json): void => {
    if (draft.get(keyword) === value) return;
    draft.set(keyword, value);
    changed = true;
  };

  if (draft.has('$schema')) drop('$schema');
  translateOldDrafts(draft, replace, drop);
  for (const [keyword, value] of [...draft]) {
    const why = keyword === '$ref' ? refFault(value, context.root) : keywordFault(keyword, value);
    if (why !== undefined) drop(keyword, why);
  }
  repairType(draft, replace, drop);
  repairRequired(draft, replace, drop);

  const repairValue = (value: Json, place: string): Json => {
    if (typeof value === 'boolean') return value;
    if (isJsonObject(value)) return repairSchema(value, place, context);
    context.notes.push(
      `${place}: no schema (${JSON.stringify(value).slice(0, 60)}), anything is accepted there`,
    );
    return {};
  };
  for (const keyword of SCHEMAS) {
    const value = draft.get(keyword);
    if (value !== undefined) replace(keyword, repairValue(value, join(path, keyword)));
  }
  for (const keyword of SCHEMA_MAPS) {
    const value = draft.get(keyword);
    if (!isJsonObject(value)) continue;
    const entries = Object.entries(value);
    const repaired = entries.map(([name, item]): [string, Json] => [
      name,
      repairValue(item, join(path, name)),
    ]);
    if (repaired.some(([, item], index) => item !== entries[index]?.[1]))
      replace(keyword, Object.fromEntries(repaired));
  }
  for (const keyword of SCHEMA_LISTS) {
    const value = draft.get(keyword);
    if (!Array.isArray(value)) continue;
    const list: readonly Json[] = value;
    const repaired = list.map((item, index) => repairValue(item, `${join(path, keyword)}[${index}]`));
    if (repaired.some((item, index) => item !== list[index])) replace(keyword, repaired);
  }
  const type = draft.get('type');
  const isArray = type === 'array' || (Array.isArray(type) && type.includes('array'));
  if (context.itemsRequired && isArray && !draft.has('items')) replace('items', {});
  return changed ? Object.fromEntries(draft) : schema;
}

/** Resolves `#`, `#/$defs/name` and the like; undefined where it points at nothing. */
export function resolveRef(ref: string, root: JsonObject): Json | undefined {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let value: Json | undefined = root;
  for (const token of ref.slice(2).split('/')) {
    const key = decodePointer(token);
    if (isJsonObject(value)) value = value[key];
    else if (Array.isArray(value)) value = (value as readonly Json[])[Number(key)];
    else return undefined;
  }
  return value;
}

function decodePointer(token: string): string {
  const plain = token.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    // A stray per cent sign stands for itself.
    return plain;
  }
}

type Replace = (keyword: string, value: Json) => void;
type Drop = (keyword: string, why?: string) => void;

/** Tuples in `items` (before 2020-12) and boolean exclusive bounds (draft 4) have an exact modern form. */
function translateOldDrafts(draft: ReadonlyMap<string, Json>, replace: Replace, drop: Drop): void {
  const items = draft.get('items');
  if (Array.isArray(items)) {
    if (items.length > 0) replace('prefixItems', items);
    replace('items', draft.get('additionalItems') ?? {});
    if (draft.has('additionalItems')) drop('additionalItems');
  }
  for (const [exclusive, inclusive] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const flag = draft.get(exclusive);
    const bound = draft.get(inclusive);
    if (flag === true && typeof bound === 'number') {
      replace(exclusive, bound);
      drop(inclusive);
    } else if (typeof flag === 'boolean') {
      drop(exclusive);
    }
  }
}

function repairType(draft: ReadonlyMap<string, Json>, replace: Replace, drop: Drop): void {
  const type = draft.get('type');
  if (type === undefined) return;
  const names: readonly Json[] = Array.isArray(type) ? type : [type];
  const known = names
    .map((name) => (typeof name === 'string' ? name.toLowerCase() : ''))
    .filter((name) => TYPES.has(name));
  if (known.length < names.length) drop('type', `is no JSON type (${JSON.stringify(type).slice(0, 60)})`);
  else if (Array.isArray(type)) {
    const unique = [...new Set(known)];
    if (unique.length === 0) drop('type', 'names no type');
    else if (JSON.stringify(unique) !== JSON.stringify(type)) replace('type', unique);
  } else replace('type', known[0] ?? 'object');
}

/** `required: true` inside a property is draft 3: it belongs into the list of the object around it. */
function repairRequired(draft: ReadonlyMap<string, Json>, replace: Replace, drop: Drop): void {
  const required = draft.get('required');
  const properties = draft.get('properties');
  const lifted = isJsonObject(properties)
    ? Object.keys(properties).filter((name) => {
        const property = properties[name];
        return isJsonObject(property) && property.required === true;
      })
    : [];
  const own: readonly Json[] = Array.isArray(required) ? required : [];
  const names = [...new Set([...own.filter((name) => typeof name === 'string'), ...lifted])];
  if (typeof required === 'boolean') drop('required');
  else if (required !== undefined && !Array.isArray(required)) drop('required', 'is no list of names');
  if (names.length > 0 && JSON.stringify(names) !== JSON.stringify(required)) replace('required', names);
  else if (Array.isArray(required) && names.length !== required.length) replace('required', names);
}

function refFault(ref: Json, root: JsonObject): string | undefined {
  if (typeof ref !== 'string') return 'is no string';
  const target = resolveRef(ref, root);
  return isJsonObject(target) || typeof target === 'boolean'
    ? undefined
    : `points at nothing (${ref.slice(0, 80)})`;
}

function keywordFault(keyword: string, value: Json): string | undefined {
  if (STRINGS.includes(keyword)) return typeof value === 'string' ? undefined : 'is no text';
  if (BOOLEANS.includes(keyword)) return typeof value === 'boolean' ? undefined : 'is neither true nor false';
  if (NUMBERS.includes(keyword)) return typeof value === 'number' ? undefined : 'is no number';
  if (COUNTS.includes(keyword))
    return Number.isInteger(value) && Number(value) >= 0 ? undefined : 'is no count';
  if (SCHEMA_MAPS.includes(keyword)) return isJsonObject(value) ? undefined : 'is no object';
  if (SCHEMA_LISTS.includes(keyword))
    return Array.isArray(value) && value.length > 0 ? undefined : 'is no list of schemas';
  if (keyword === 'enum')
    return Array.isArray(value) && value.length > 0 ? undefined : 'is no list of values';
  if (keyword === 'examples') return Array.isArray(value) ? undefined : 'is no list';
  if (keyword === 'multipleOf')
    return typeof value === 'number' && value > 0 ? undefined : 'is no positive number';
  if (keyword === 'pattern') return isPattern(value) ? undefined : 'is no regular expression';
  return undefined;
}

function isPattern(value: Json): boolean {
  if (typeof value !== 'string') return false;
  try {
    new RegExp(value, 'u');
    return true;
  } catch {
    // What does not compile is reported by the caller as a note.
    return false;
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
