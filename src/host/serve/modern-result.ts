/** What every result of the modern era carries besides its content (spec: basic/index, server/utilities/caching). */
import { isJsonObject, type JsonObject } from '../../json.ts';
import { META } from './protocol.ts';

const CACHEABLE: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/**
 * A catalog may change at any moment, and says so by `list_changed`; what a server said of its own resource stands.
 * Lists are of this person's servers, so nobody else may be given a kept copy.
 */
export function modernResult(method: string, result: JsonObject, serverInfo: JsonObject): JsonObject {
  const { resultType = 'complete', _meta } = result;
  const caching =
    CACHEABLE.has(method) && resultType === 'complete'
      ? {
          ttlMs: ttlOf(result['ttlMs']),
          cacheScope: result['cacheScope'] === 'public' ? 'public' : 'private',
        }
      : {};
  const meta = isJsonObject(_meta) ? _meta : {};
  return { ...result, resultType, ...caching, _meta: { ...meta, [META.serverInfo]: serverInfo } };
}

function ttlOf(ttlMs: JsonObject[string] | undefined): number {
  return typeof ttlMs === 'number' && Number.isInteger(ttlMs) && ttlMs >= 0 ? ttlMs : 0;
}

/** Who answered is told by us; it is not the server behind us (spec: basic/index, `_meta`). */
export function withoutServerInfo(result: JsonObject): JsonObject {
  const { _meta } = result;
  if (!isJsonObject(_meta) || !(META.serverInfo in _meta)) return result;
  const { [META.serverInfo]: _, ...rest } = _meta;
  const { _meta: __, ...withoutMeta } = result;
  return Object.keys(rest).length === 0 ? withoutMeta : { ...withoutMeta, _meta: rest };
}

/** Servers of the modern era say it; in the other one there is one type of result. */
export function withoutResultType(answer: JsonObject): JsonObject {
  const { resultType: _, ...result } = answer;
  return result;
}
