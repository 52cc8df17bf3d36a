/** Arguments of tools that are repeated in headers, as `x-mcp-header` of their schemas says (spec 2026-07-28: streamable-http). */
import type { IncomingHttpHeaders } from 'node:http';

import { isJsonObject, type Json, type JsonObject } from '../../../json.ts';
import { decodedHeader } from './header-value.ts';
import { disagree } from './standard-headers.ts';

interface Mirrored {
  readonly path: readonly string[];
  readonly header: string;
  readonly isNumber: boolean;
}

const NONE: readonly Mirrored[] = [];
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean', 'number']);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;

const known = new WeakMap<JsonObject, readonly Mirrored[]>();

/** What is wrong, in words; undefined where headers and arguments agree. */
export function parameterMismatch(
  headers: IncomingHttpHeaders,
  schema: JsonObject,
  args: Json | undefined,
): string | undefined {
  for (const mirrored of mirroredIn(schema)) {
    const text = textOf(valueAt(args, mirrored.path));
    // What the schema does not allow there is told by its validation.
    if (text === undefined) continue;
    const name = `Mcp-Param-${mirrored.header}`;
    const header = headers[name.toLowerCase()];
    if (header === undefined) return `The header ${name} is missing.`;
    const decoded = decodedHeader(String(header));
    if (decoded === undefined) return `The header ${name} is not encoded as it has to be.`;
    if (!isSame(decoded, text, mirrored)) return disagree(name, decoded, text);
  }
  return undefined;
}

function mirroredIn(schema: JsonObject): readonly Mirrored[] {
  let mirrored = known.get(schema);
  if (mirrored === undefined) {
    mirrored = [...declared(schema, [])];
    const names = new Set(mirrored.map(({ header }) => header.toLowerCase()));
    // Clients take such a tool for invalid and do not call it.
    if (names.size < mirrored.length) mirrored = NONE;
    known.set(schema, mirrored);
  }
  return mirrored;
}

/** Only what is reached by `properties` alone counts. */
function* declared(schema: JsonObject, path: readonly string[]): Generator<Mirrored> {
  const { properties } = schema;
  if (!isJsonObject(properties)) return;
  for (const [key, property] of Object.entries(properties)) {
    if (!isJsonObject(property)) continue;
    const { type, 'x-mcp-header': header } = property;
    if (typeof header === 'string' && TOKEN.test(header) && TYPES.has(type))
      yield { path: [...path, key], header, isNumber: type === 'integer' || type === 'number' };
    yield* declared(property, [...path, key]);
  }
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let at = value;
  for (const key of path) {
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : undefined;
}

function isSame(said: string, text: string, { isNumber }: Mirrored): boolean {
  if (said === text) return true;
  return isNumber && DECIMAL.test(said) && Number(said) === Number(text);
}
