/** Finds the JSON-RPC id of a line of which only the first and last bytes are known. */
import type { OverlongLine } from './line-buffer.ts';
import type { RequestId } from './message.ts';

export interface OverlongIdentity {
  /** Ids the line may carry, likeliest first. */
  readonly candidates: readonly RequestId[];
  /** The line is a request or a notification of the server, so no call of ours waits for it. */
  readonly fromServer: boolean;
}

const ID_PATTERN = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)/g;

export function identifyOverlong(line: OverlongLine): OverlongIdentity {
  const head = topLevelStart(line.head.toString('utf8'));
  const inTail = [...line.tail.toString('utf8').matchAll(ID_PATTERN)].map((match) => match[1]).reverse();
  const inHead = [...line.head.toString('utf8').matchAll(ID_PATTERN)].map((match) => match[1]);
  const candidates = new Set<RequestId>();
  for (const text of [head.id, ...inTail, ...inHead]) {
    const id = text === undefined ? undefined : parseId(text);
    if (id !== undefined) candidates.add(id);
  }
  return { candidates: [...candidates], fromServer: head.method };
}

/** Walks the object's own keys until its first value that the text does not close. */
function topLevelStart(text: string): { id: string | undefined; method: boolean } {
  const found: { id: string | undefined; method: boolean } = { id: undefined, method: false };
  const start = text.indexOf('{');
  if (start === -1) return found;
  const pair = /\s*,?\s*"((?:[^"\\]|\\.)*)"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)/y;
  pair.lastIndex = start + 1;
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    if (match[1] === 'id') found.id = match[2];
    if (match[1] === 'method') found.method = true;
  }
  return found;
}

function parseId(text: string): RequestId | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  } catch {
    // An escape that is no JSON: the text only looked like an id.
    return undefined;
  }
}
