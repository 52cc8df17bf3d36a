/** All that a server lists, as it came. */
import { isJsonObject, type JsonObject } from '../../src/json.ts';
import type { RawClient } from './raw-client.ts';

/** `key`: the one field that a gateway may change, because it has to be told apart among servers. */
export const LISTS = [
  { list: 'tools', method: 'tools/list', key: 'name' },
  { list: 'resources', method: 'resources/list', key: 'uri' },
  { list: 'resourceTemplates', method: 'resources/templates/list', key: 'uriTemplate' },
  { list: 'prompts', method: 'prompts/list', key: 'name' },
] as const;

export type ListName = (typeof LISTS)[number]['list'];
export type Lists = Readonly<Record<ListName, readonly JsonObject[]>>;

export async function listsOf(client: RawClient): Promise<Lists> {
  const entries = await Promise.all(
    LISTS.map(async ({ list, method }) => [list, await wholeList(client, method, list)] as const),
  );
  return Object.fromEntries(entries) as Lists;
}

async function wholeList(client: RawClient, method: string, list: ListName): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  let params: JsonObject = {};
  for (;;) {
    const page = await client.request(method, params).catch((error: unknown) => {
      // A server without resources or prompts need not know how they are listed.
      if (String(error).includes('-32601')) return {};
      throw error;
    });
    const { [list]: entries, nextCursor } = page as JsonObject;
    if (Array.isArray(entries)) found.push(...entries.filter(isJsonObject));
    if (typeof nextCursor !== 'string') return found;
    params = { cursor: nextCursor };
  }
}
