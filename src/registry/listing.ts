/** Everything a server offers, all pages, every field it sent. */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { excessOf } from '../wire/extent.ts';
import type { Answer } from './answer.ts';
import type { ToolDefinition } from './contract.ts';

export type EntryKind = 'tools' | 'resources' | 'prompts';

type PromptDefinition = JsonObject & { readonly name: string };

export interface ServerEntries {
  readonly tools: readonly ToolDefinition[];
  readonly resources: readonly (JsonObject & { readonly uri: string })[];
  readonly resourceTemplates: readonly (JsonObject & { readonly uriTemplate: string })[];
  readonly prompts: readonly PromptDefinition[];
}

export const NO_ENTRIES: ServerEntries = { tools: [], resources: [], resourceTemplates: [], prompts: [] };

export interface Listing {
  readonly entries: Partial<ServerEntries>;
  /** What was odd about the answers and what was made of it. */
  readonly notices: ReadonlyMap<EntryKind, readonly string[]>;
  /** Lists that did not come, with the reason. Their earlier entries stay. */
  readonly failures: readonly string[];
}

export type SendList = (method: string, params: JsonObject) => Promise<Answer>;

/** A server whose cursors never end is cut off here, with a notice. */
const MAX_PAGES = 1_000;
/** What is deeper is no definition, and cannot be worked on without overflowing the stack. */
const MAX_DEPTH = 256;
const MAX_PARTS = 100_000;

const LISTS: Readonly<
  Record<EntryKind, readonly { method: string; key: keyof ServerEntries; identity: string }[]>
> = {
  tools: [{ method: 'tools/list', key: 'tools', identity: 'name' }],
  resources: [
    { method: 'resources/list', key: 'resources', identity: 'uri' },
    { method: 'resources/templates/list', key: 'resourceTemplates', identity: 'uriTemplate' },
  ],
  prompts: [{ method: 'prompts/list', key: 'prompts', identity: 'name' }],
};

/** Lists the kinds that the server declares; a kind it does not declare is empty. */
export async function listEntries(
  kinds: readonly EntryKind[],
  capabilities: JsonObject,
  send: SendList,
): Promise<Listing> {
  const entries: Record<string, readonly JsonObject[]> = {};
  const notices = new Map<EntryKind, string[]>(kinds.map((kind) => [kind, []]));
  const failures: string[] = [];
  await Promise.all(
    kinds.flatMap((kind) =>
      LISTS[kind].map(async ({ method, key, identity }) => {
        if (!isJsonObject(capabilities[kind])) {
          entries[key] = [];
          return;
        }
        const pages = await allPages(method, key, send);
        const told = notices.get(kind) ?? [];
        if (pages.failure !== undefined) failures.push(`${method}: ${pages.failure}`);
        else entries[key] = usable(pages.items, method, identity, told);
        told.push(...pages.notices);
      }),
    ),
  );
  return { entries: entries as Partial<ServerEntries>, notices, failures: failures.sort() };
}

/** Whether the entries of a kind are others than before. */
export function differs(kind: EntryKind, before: ServerEntries, after: ServerEntries): boolean {
  return LISTS[kind].some(({ key }) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

async function allPages(
  method: string,
  key: string,
  send: SendList,
): Promise<{ items: readonly Json[]; notices: readonly string[]; failure?: string }> {
  const items: Json[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const answer = await send(method, cursor === undefined ? {} : { cursor });
    if (answer.type !== 'result') {
      // A server without templates may lack the method although it has resources.
      if (method === 'resources/templates/list' && answer.type === 'refused' && answer.code === '-32601')
        break;
      return { items, notices: [], failure: answer.message };
    }
    const page = answer.result[key];
    if (!Array.isArray(page)) return { items, notices: [], failure: `the answer has no list '${key}'` };
    for (const item of page) items.push(item);
    const next = answer.result['nextCursor'];
    if (typeof next !== 'string') break;
    if (seen.has(next) || seen.size >= MAX_PAGES) {
      const notice = `${method} did not end after ${seen.size + 1} pages; the entries so far are used.`;
      return { items, notices: [notice] };
    }
    seen.add(next);
    cursor = next;
  }
  return { items, notices: [] };
}

function usable(
  items: readonly Json[],
  method: string,
  identity: string,
  notices: string[],
): readonly JsonObject[] {
  const kept = new Map<string, JsonObject>();
  let unusable = 0;
  for (const item of items) {
    const id = isJsonObject(item) ? item[identity] : undefined;
    if (!isJsonObject(item) || typeof id !== 'string' || id === '') {
      unusable += 1;
    } else if (kept.has(id)) {
      notices.push(`${method} names '${id}' more than once; the first is used.`);
    } else if (excessOf(item, { maxDepth: MAX_DEPTH, maxParts: MAX_PARTS }) !== undefined) {
      notices.push(
        `${method}: '${id}' is nested deeper than ${MAX_DEPTH} levels or has more than ${MAX_PARTS} parts; it is left out.`,
      );
    } else {
      kept.set(id, method === 'tools/list' ? asTool(item, id, notices) : item);
    }
  }
  if (unusable > 0)
    notices.push(`${method} holds ${unusable} entries without a '${identity}'; they are left out.`);
  return [...kept.values()];
}

function asTool(item: JsonObject, name: string, notices: string[]): JsonObject {
  const { inputSchema, outputSchema, ...rest } = item;
  const tool: Record<string, Json> = rest;
  if (isJsonObject(inputSchema)) tool['inputSchema'] = inputSchema;
  else {
    tool['inputSchema'] = { type: 'object' };
    notices.push(`The input schema of '${name}' is no schema; its arguments are passed unchecked.`);
  }
  if (isJsonObject(outputSchema)) tool['outputSchema'] = outputSchema;
  else if (outputSchema !== undefined) {
    notices.push(`The output schema of '${name}' is no schema; its results are passed unchecked.`);
  }
  return tool;
}
