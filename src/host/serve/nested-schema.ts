/** A schema as that of a property of another: pointers into the schema itself lead to where it stands then. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

export function nestedSchema(schema: JsonObject, property: string): JsonObject {
  if (hasOwnBase(schema)) return schema;
  return moved(schema, false, property) as JsonObject;
}

function moved(node: Json, namesOfAuthor: boolean, property: string): Json {
  if (Array.isArray(node)) return (node as readonly Json[]).map((item) => moved(item, false, property));
  if (!isJsonObject(node) || (!namesOfAuthor && hasOwnBase(node))) return node;
  const entries = Object.entries(node).map(([key, value]): [string, Json] => {
    if (namesOfAuthor) return [key, moved(value, false, property)];
    if (POINTERS.has(key) && typeof value === 'string') return [key, movedPointer(value, property)];
    return [key, DATA.has(key) ? value : moved(value, NAME_MAPS.has(key), property)];
  });
  return Object.fromEntries(entries);
}

function movedPointer(pointer: string, property: string): string {
  return pointer === '#' || pointer.startsWith('#/')
    ? `#/properties/${property}${pointer.slice(1)}`
    : pointer;
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
