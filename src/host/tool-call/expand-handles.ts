/** Puts stored results in the place of their handles among the arguments of a call. */
import { HostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import type { ResultAccess, ResultStore, StoredResult } from '../result/contract.ts';
import { readBase64, readWholeText } from '../result/read-result.ts';
import { isResultHandle } from '../result/result-uri.ts';

/** Servers made with the protocol's own SDK end the connection at a message of 10 MiB; the rest of a message is small. */
const MAX_EXPANDED_BYTES = 10_000_000;
const MAX_DEPTH = 100;

export type Expanded =
  /** The very same object where it holds no handle. */
  | { readonly type: 'expanded'; readonly arguments: JsonObject }
  | { readonly type: 'refused'; readonly message: string };

export async function expandHandles(
  args: JsonObject,
  results: ResultStore,
  access: ResultAccess,
): Promise<Expanded> {
  const found: string[] = [];
  collectHandles(args, found);
  if (found.length === 0) return { type: 'expanded', arguments: args };
  const uris = new Set(found);
  const texts = new Map<string, string>();
  try {
    let sizeBytes = 0;
    for (const uri of uris) {
      const stored = await results.find(uri, access);
      refuseBeyondLimit(sizeBytes + stored.sizeBytes, uri);
      const text = await wholeOf(stored, results);
      sizeBytes += Buffer.byteLength(JSON.stringify(text));
      refuseBeyondLimit(sizeBytes, uri);
      texts.set(uri, text);
    }
  } catch (error) {
    if (error instanceof HostError) return { type: 'refused', message: error.message };
    throw error;
  }
  return { type: 'expanded', arguments: replaced(args, texts) as JsonObject };
}

function wholeOf(stored: StoredResult, results: ResultStore): Promise<string> {
  const file = { uri: stored.uri, chunks: stored.chunks, file: results.file(stored) };
  return stored.isText ? readWholeText(file) : readBase64(file);
}

function refuseBeyondLimit(sizeBytes: number, uri: string): void {
  if (sizeBytes <= MAX_EXPANDED_BYTES) return;
  throw new HostError(
    'result-too-large',
    `${uri} is too large to be an argument: servers take messages of about 10 MB at most. Read or search the part that is needed, and send that.`,
  );
}

function collectHandles(value: Json, found: string[], depth = 0): void {
  if (typeof value === 'string' && isResultHandle(value)) found.push(value);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  for (const item of Object.values<Json>(value)) collectHandles(item, found, depth + 1);
}

function replaced(value: Json, texts: ReadonlyMap<string, string>, depth = 0): Json {
  if (typeof value === 'string') return texts.get(value) ?? value;
  if (depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => replaced(item, texts, depth + 1));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replaced(item, texts, depth + 1)]),
  );
}
