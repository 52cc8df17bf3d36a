/** Arguments that a modern HTTP server wants mirrored as headers (spec: basic/transports/streamable-http, `x-mcp-header`). */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

export interface HeaderDeclaration {
  readonly path: readonly string[];
  readonly header: string;
}

export type HeaderDeclarations =
  | { readonly ok: true; readonly declarations: readonly HeaderDeclaration[] }
  | { readonly ok: false; readonly reason: string };

const KEY = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PRINTABLE = /^[\t\x20-\x7e]+$/;

/** Reads the declarations of an input schema; a client must leave out a tool whose declarations are not valid. */
export function headerDeclarations(inputSchema: JsonObject): HeaderDeclarations {
  const declarations: HeaderDeclaration[] = [];
  const fault = visit(inputSchema, [], true, declarations);
  return fault === undefined ? { ok: true, declarations } : { ok: false, reason: fault };
}

/** The `Mcp-Param-*` headers for the arguments of one call. */
export function mirroredHeaders(inputSchema: JsonObject, args: JsonObject): Readonly<Record<string, string>> {
  const found = headerDeclarations(inputSchema);
  const headers: Record<string, string> = {};
  if (!found.ok) return headers;
  for (const { path, header } of found.declarations) {
    const value = path.reduce<Json | undefined>(
      (node, key) => (isJsonObject(node) ? node[key] : undefined),
      args,
    );
    const text = textOf(value);
    if (text !== undefined) headers[`Mcp-Param-${header}`] = encoded(text);
  }
  return headers;
}

/** Only a chain of `properties` leads to a place where a declaration may stand. */
function visit(
  node: Json,
  path: readonly string[],
  reachable: boolean,
  found: HeaderDeclaration[],
): string | undefined {
  if (Array.isArray(node)) return first(node as readonly Json[], (child) => visit(child, path, false, found));
  if (!isJsonObject(node)) return undefined;
  const header = node[KEY];
  if (header !== undefined) {
    const place = path.join('.') || 'the root';
    if (!reachable || path.length === 0) return `${place} may not carry ${KEY}`;
    if (typeof header !== 'string' || !TOKEN.test(header)) return `the ${KEY} of ${place} is no header name`;
    const { type } = node;
    if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
      return `${place} is no string, integer or boolean`;
    }
    if (found.some((other) => other.header.toLowerCase() === header.toLowerCase())) {
      return `two properties declare the header '${header}'`;
    }
    found.push({ path, header });
  }
  return first(Object.entries(node), ([key, child]) => {
    if (key === 'properties' && isJsonObject(child)) {
      return first(Object.entries(child), ([name, property]) =>
        visit(property, [...path, name], reachable, found),
      );
    }
    // What stands in these is data, not a schema.
    return key === 'default' || key === 'enum' || key === 'const' || key === 'examples'
      ? undefined
      : visit(child, path, false, found);
  });
}

function first<T>(items: readonly T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = look(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

function encoded(text: string): string {
  const plain =
    PRINTABLE.test(text) && text === text.trim() && !(text.startsWith('=?base64?') && text.endsWith('?='));
  return plain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
