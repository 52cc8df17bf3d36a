/** One tool of the catalog, called by a workflow itself and not by a model. */
import { HostError } from '../../../errors.ts';
import { isJsonObject, type JsonObject } from '../../../json.ts';
import type { RunContext } from '../../context.ts';

export type ToolAnswer = {
  readonly text: string;
  /** Where the server answered with structured content. */
  readonly structured?: JsonObject;
};

/**
 * On the path that a model's calls take: approved, guarded, claimed, journaled. Rejects where the tool did not do it, with a
 * HostError whose code says why: `tool-error`, `denied`, `uncertain`, `unknown-tool`, `invalid-arguments`.
 */
export async function callTool(
  context: RunContext,
  name: string,
  args: JsonObject = {},
): Promise<ToolAnswer> {
  const { outcome, content, message, result } = await context.tools.call(context, {
    callId: 'call',
    name,
    arguments: args,
    keepResult: true,
  });
  const text = content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
  if (outcome !== 'complete') throw new HostError(outcome, message ?? text);
  const structured = result?.['structuredContent'];
  return { text, ...(isJsonObject(structured) ? { structured } : {}) };
}
