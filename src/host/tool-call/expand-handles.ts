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
  const uris = new Set(handlesIn(args));
  if (uris.size === 0) return { type: 'expanded', arguments: args };
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

function* handlesIn(value: Json, depth = 0): Generator<string> {
  if (typeof value === 'string') {
    if (isResultHandle(value)) yield value;
    return;
  }
  if (depth > MAX_DEPTH) return;
  const inner = Array.isArray(value)
    ? (value as readonly Json[])
    : isJsonObject(value)
      ? Object.values(value)
      : [];
  for (const item of inner) yield* handlesIn(item, depth + 1);
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
