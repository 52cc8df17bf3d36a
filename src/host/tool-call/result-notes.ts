/** What the host says before the answer of a tool, where the answer alone would mislead. */
import type { Json } from '../../json.ts';
import type { ToolCallResult } from '../context.ts';
import type { Uncertain } from './called.ts';
import type { Ready } from './prepare.ts';

const MAX_NOTED_CHARACTERS = 2_000;

/** The model asked for something else than what was run, and must not take the answer for one to its own call. */
export function withEditNote(result: ToolCallResult, { approval }: Pick<Ready, 'approval'>): ToolCallResult {
  if (approval?.arguments === undefined) return result;
  const run = JSON.stringify(approval.arguments);
  const shown =
    run.length <= MAX_NOTED_CHARACTERS
      ? run
      : `${run.slice(0, MAX_NOTED_CHARACTERS)}… (${run.length} characters)`;
  const text = `[The person changed the arguments of this call. It was run with ${shown}]`;
  return noted(result, { type: 'text', text });
}

/** What was done at the first time may have changed the answer: what is deleted is not there the next time. */
export function withRepeatNote(result: ToolCallResult, repeats: Uncertain | undefined): ToolCallResult {
  if (repeats === undefined || repeats.readOnly || repeats.idempotencyKey !== undefined) return result;
  const sentAt = new Date(repeats.sentAtMs).toISOString();
  const text = `[This call was sent before, at ${sentAt}, and may have taken effect then. This is the answer to its repetition.]`;
  return noted(result, { type: 'text', text, byHost: true });
}

/** Before what the model is given, or, where a client is, before the server's own blocks. */
function noted(
  called: ToolCallResult,
  note: Extract<ToolCallResult['content'][number], { type: 'text' }>,
): ToolCallResult {
  const { result, content } = called;
  if (content.length > 0 || result === undefined) return { ...called, content: [note, ...content] };
  const blocks: readonly Json[] = Array.isArray(result['content']) ? result['content'] : [];
  return { ...called, result: { ...result, content: [{ type: 'text', text: note.text }, ...blocks] } };
}
