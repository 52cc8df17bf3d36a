/** Arguments of tools that are repeated in headers, as `x-mcp-header` of their schemas says (spec 2026-07-28: streamable-http). */
import type { IncomingHttpHeaders } from 'node:http';

import { isJsonObject, type Json, type JsonObject } from '../../../json.ts';
import { type HeaderDeclaration, headerDeclarations } from '../../../wire/x-mcp-header.ts';
import { decodedHeader } from './header-value.ts';
import { disagree } from './standard-headers.ts';

const DECIMAL = /^-?\d+(\.\d+)?$/;

const known = new WeakMap<JsonObject, readonly HeaderDeclaration[]>();

/** What is wrong, in words; undefined where headers and arguments agree. */
export function parameterMismatch(
  headers: IncomingHttpHeaders,
  schema: JsonObject,
  args: Json | undefined,
): string | undefined {
  for (const { path, header } of declarationsOf(schema)) {
    const value = valueAt(args, path);
    // What the schema does not allow there is told by its validation.
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') continue;
    const name = `Mcp-Param-${header}`;
    const said = headers[name.toLowerCase()];
    if (said === undefined) return `The header ${name} is missing.`;
    const decoded = decodedHeader(String(said));
    if (decoded === undefined) return `The header ${name} is not encoded as it has to be.`;
    if (!isSame(decoded, value)) return disagree(name, decoded, value);
  }
  return undefined;
}

/** Clients take a tool whose declarations are not valid for one that is not there. */
function declarationsOf(schema: JsonObject): readonly HeaderDeclaration[] {
  let declarations = known.get(schema);
  if (declarations === undefined) {
    const found = headerDeclarations(schema);
    declarations = found.ok ? found.declarations : [];
    known.set(schema, declarations);
  }
  return declarations;
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let at = value;
  for (const key of path) {
    if (!isJsonObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** `42.0` is 42. */
function isSame(said: string, value: string | boolean | number): boolean {
  if (said === String(value)) return true;
  return typeof value === 'number' && DECIMAL.test(said) && Number(said) === value;
}
