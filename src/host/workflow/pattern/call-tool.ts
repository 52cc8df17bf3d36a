/** One tool of the catalog, called by a workflow itself and not by a model. */
import { HostError } from '../../../errors.ts';
import { isJsonObject, type JsonObject } from '../../../json.ts';
import type { RunContext, ToolCallResult } from '../../context.ts';

export type ToolAnswer = {
  readonly text: string;
  /** Where the server answered with structured content. */
  readonly structured?: JsonObject;
};

export interface CallToolOptions {
  /** For how long it is tried again where its server cannot be reached, and nothing was sent; 0 by default. */
  readonly patienceMs?: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * On the path that a model's calls take: approved, guarded, claimed, journaled. Rejects where the tool did not do it, with a
 * HostError whose code says why: `tool-error`, `server-unavailable`, `denied`, `uncertain`, `unknown-tool`,
 * `invalid-arguments`.
 */
export async function callTool(
  context: RunContext,
  name: string,
  args: JsonObject = {},
  { patienceMs = 0 }: CallToolOptions = {},
): Promise<ToolAnswer> {
  let called = await callOnce(context, name, args);
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedMs = 0; called.notSent === true && waitedMs < patienceMs; waitedMs += pauseMs) {
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS, patienceMs - waitedMs);
    await context.sleep(pauseMs);
    called = await callOnce(context, name, args);
  }
  const { outcome, content, message, result, notSent } = called;
  const text = content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
  if (outcome !== 'complete')
    throw new HostError(notSent === true ? 'server-unavailable' : outcome, message ?? text);
  const structured = result?.['structuredContent'];
  return { text, ...(isJsonObject(structured) ? { structured } : {}) };
}

function callOnce(context: RunContext, name: string, args: JsonObject): Promise<ToolCallResult> {
  return context.tools.call(context, { callId: 'call', name, arguments: args, keepResult: true });
}
