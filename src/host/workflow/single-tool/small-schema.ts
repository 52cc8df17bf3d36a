/** A tool's schema cut down to what a small model fills in reliably: simple values, and names copied from the request. */
import type { Json, JsonObject } from '../../../json.ts';
import { isJsonObject } from '../../../json.ts';
import type { Literals } from './literals.ts';

/** A model that goes on and on is stopped by its grammar. */
const LONGEST_STRING = 160;
const SIMPLE_TYPES = new Set(['string', 'number', 'integer', 'boolean']);

/**
 * Undefined where the tool is not for a small model: a required property is no simple value, or names a thing that the
 * request does not name. A property that may be left out is kept only for a thing that the request names.
 */
export function smallSchema(schema: JsonObject, literals: Literals): JsonObject | undefined {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const kept: [string, JsonObject][] = [];
  for (const name of required) {
    const property = typeof name === 'string' ? properties[name] : undefined;
    const small =
      typeof name === 'string' && isJsonObject(property)
        ? smallProperty(name, property, literals)
        : undefined;
    if (typeof name !== 'string' || small === undefined) return undefined;
    kept.push([name, small]);
  }
  const named = kept.filter(([name]) => NAMES_THING.test(name)).length;
  const place = Object.entries(properties).find(
    ([name]) => !required.has(name) && (NAMES_PLACE.test(name) || NAMES_ADDRESS.test(name)),
  );
  if (place !== undefined && isJsonObject(place[1]) && literals.names.length > named) {
    const small = smallProperty(place[0], place[1], literals);
    if (small !== undefined) kept.push([place[0], small]);
  }
  return { type: 'object', properties: Object.fromEntries(kept) };
}

const NAMES_ADDRESS = /(url|uri|link|href)$/i;
const NAMES_PLACE = /(path|file|filename|dir|directory|folder)$/i;
const NAMES_PATTERN = /(pattern|glob|regex|expression)$/i;
const NAMES_THING = new RegExp(`${NAMES_PLACE.source}|${NAMES_PATTERN.source}`, 'i');
const NAMES_ID = /(^|[a-z_-])(Id|ID|_id|-id|key|uuid|hash|sha)$|^id$/;

function smallProperty(name: string, property: JsonObject, literals: Literals): JsonObject | undefined {
  const { enum: choices, const: constant, type, description } = property;
  const told = typeof description === 'string' ? { description } : {};
  if (constant !== undefined) return { const: constant, ...told };
  if (Array.isArray(choices)) return { enum: choices, ...told };
  if (typeof type !== 'string' || !SIMPLE_TYPES.has(type)) return undefined;
  if (type !== 'string') return { type, ...told };
  const copied = copiedInto(name, literals);
  if (copied !== undefined) return copied.length === 0 ? undefined : { enum: copied, ...told };
  const { maxLength } = property;
  const longest = typeof maxLength === 'number' ? Math.min(maxLength, LONGEST_STRING) : LONGEST_STRING;
  return { type, maxLength: longest, ...told };
}

/** What of the request a property of this name may hold; undefined where any words may stand in it. */
function copiedInto(name: string, { urls, names, ids }: Literals): readonly string[] | undefined {
  if (/uri$/i.test(name)) return [...urls, ...names];
  if (NAMES_ADDRESS.test(name)) return urls;
  if (NAMES_ID.test(name)) return ids;
  if (NAMES_PATTERN.test(name)) return names;
  if (NAMES_PLACE.test(name)) return names.filter((one) => !/[*?]/.test(one));
  return undefined;
}

/** The schema of "exactly one call of one of these". */
export function callSchema(
  tools: readonly { readonly name: string; readonly schema: JsonObject }[],
): JsonObject {
  return {
    oneOf: tools.map(
      ({ name, schema }): Json => ({
        type: 'object',
        properties: { name: { const: name }, arguments: schema },
      }),
    ),
  };
}
