/** The thread that selects parts of a stored JSON result by a path (RFC 9535). Started by thread.ts only. */
import { parentPort, workerData } from 'node:worker_threads';

import { jsonpath, type JSONValue } from 'json-p3';

import { messageOf } from '../../errors.ts';
import type { ChunkedFile } from './read-chunks.ts';
import { readWholeText } from './read-result.ts';
import type { ThreadAnswer } from './thread.ts';

export type QueryWork = {
  readonly result: ChunkedFile;
  readonly path: string;
  readonly maxCharacters: number;
};

export type QueryAnswer = {
  readonly count: number;
  /** One line each: where it is and what it is. The last one may be cut, and others missing. */
  readonly text: string;
  readonly characters: number;
};

async function query({ result, path, maxCharacters }: QueryWork): Promise<ThreadAnswer<QueryAnswer>> {
  const whole = await readWholeText(result);
  let value: JSONValue;
  try {
    value = JSON.parse(whole) as JSONValue;
  } catch (error) {
    return refused(
      `${result.uri} is not JSON (${messageOf(error).slice(0, 200)}). Read or search it as text.`,
    );
  }
  let nodes: ReturnType<typeof jsonpath.query>;
  try {
    nodes = jsonpath.query(path, value);
  } catch (error) {
    return refused(
      `The path ${JSON.stringify(path)} cannot be followed: ${messageOf(error)}. Write one by RFC 9535, such as $.items[0:5].name or $..id.`,
    );
  }
  let text = '';
  let characters = 0;
  let count = 0;
  for (const node of nodes) {
    const line = `${nodes.length === 1 ? '' : `${node.path}: `}${JSON.stringify(node.value)}\n`;
    count += 1;
    characters += line.length;
    if (text.length < maxCharacters) text += line.slice(0, maxCharacters - text.length);
  }
  return { type: 'answer', answer: { count, text, characters } };
}

function refused(message: string): ThreadAnswer<never> {
  return { type: 'refused', message };
}

// A damaged file is thrown and arrives as the thread's error.
parentPort?.postMessage(await query(workerData as QueryWork));
