/** The headers in which a modern client says again what is in its message (spec 2026-07-28: streamable-http, request metadata). */
import type { IncomingHttpHeaders } from 'node:http';

import { isJsonObject, type Json, type JsonObject } from '../../../json.ts';
import { META } from '../protocol.ts';
import { decodedHeader } from './header-value.ts';

/** Which parameter `Mcp-Name` repeats. */
const NAMED: ReadonlyMap<string, 'name' | 'uri'> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

interface Named {
  readonly method: string;
  readonly params: JsonObject;
}

/** What is wrong, in words; undefined where headers and message agree. */
export function versionMismatch(headers: IncomingHttpHeaders, params: JsonObject): string | undefined {
  const header = headers['mcp-protocol-version'];
  const meta = params['_meta'];
  const version = isJsonObject(meta) ? meta[META.protocolVersion] : undefined;
  // That the message says none is told by what is said of messages without one.
  if (typeof version !== 'string') return undefined;
  if (header === undefined) return 'The header MCP-Protocol-Version is missing.';
  return header === version ? undefined : disagree('MCP-Protocol-Version', String(header), version);
}

export function headerMismatch(headers: IncomingHttpHeaders, { method, params }: Named): string | undefined {
  const said = headers['mcp-method'];
  if (said === undefined) return 'The header Mcp-Method is missing.';
  if (said !== method) return disagree('Mcp-Method', String(said), method);
  const key = NAMED.get(method);
  const name = key === undefined ? undefined : params[key];
  if (typeof name !== 'string') return undefined;
  const header = headers['mcp-name'];
  if (header === undefined) return 'The header Mcp-Name is missing.';
  if (header === name && VISIBLE_NAME.test(name)) return undefined;
  const decoded = decodedHeader(String(header));
  if (decoded === undefined) return 'The header Mcp-Name is not encoded as it has to be.';
  return decoded === name ? undefined : disagree('Mcp-Name', decoded, name);
}

/** Such a name is written as it is. */
const VISIBLE_NAME = /^[\x21-\x3c\x3e-\x7e][\x21-\x7e]*$/;

export function disagree(header: string, said: string, value: Json | undefined): string {
  const [inHeader, inBody] = [JSON.stringify(said), JSON.stringify(value ?? null)];
  return `The header ${header} says ${inHeader.slice(0, 200)} and the message ${inBody.slice(0, 200)}.`;
}
