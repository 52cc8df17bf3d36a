/** Pages of the lists, with cursors that stay right when the catalog changes between two of them. */
import { type Json, type JsonObject, jsonText } from '../../json.ts';
import { ERROR, ProtocolError } from './protocol.ts';

/** Clients exist that read the first page only, and a thousand tools are more than a person has. */
const PAGE_SIZE = 1_000;

export interface Listed {
  readonly server: string;
  /** The server's own name for it, or its own URI. */
  readonly key: string;
  readonly definition: JsonObject;
}

export interface Page {
  readonly definitions: readonly JsonObject[];
  readonly nextCursor?: string;
}

/** In the order of `byPlace`; a cursor says behind which place its page begins. */
export function pageOf(listed: readonly Listed[], cursor: Json | undefined, pageSize = PAGE_SIZE): Page {
  const after = cursor === undefined ? undefined : placeOf(cursor);
  const start = after === undefined ? 0 : listed.findIndex((entry) => byPlace(entry, after) > 0);
  if (start === -1) return { definitions: [] };
  const page = listed.slice(start, start + pageSize);
  const last = page.at(-1);
  const definitions = page.map(({ definition }) => definition);
  return last === undefined || start + pageSize >= listed.length
    ? { definitions }
    : { definitions, nextCursor: cursorOf(last) };
}

type Place = Pick<Listed, 'server' | 'key'>;

export function byPlace(left: Place, right: Place): number {
  return compare(left.server, right.server) || compare(left.key, right.key);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function cursorOf({ server, key }: Place): string {
  return Buffer.from(JSON.stringify([server, key])).toString('base64url');
}

function placeOf(cursor: Json): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(jsonText(cursor), 'base64url').toString('utf8'));
    const [server, key] = Array.isArray(place) ? (place as readonly unknown[]) : [];
    if (typeof server === 'string' && typeof key === 'string') return { server, key };
  } catch {
    // Said below, like any other text that is no cursor of ours.
  }
  throw new ProtocolError(ERROR.invalidParams, 'The cursor is none of this list. Begin without one.');
}
