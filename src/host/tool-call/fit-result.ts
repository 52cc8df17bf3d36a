/** What of a tool's answer a client is given: the server's own, with long texts cut and kept in full beside it. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { estimateTokens, fitsTokens, headOfTokens } from '../model/token-estimate.ts';
import { keptNote, notKeptNote } from '../result/result-note.ts';
import { type FitOptions, fairShare } from './fit-content.ts';

export interface FittedResult {
  readonly result: JsonObject;
  /** The URIs under which what was cut is kept. */
  readonly stored: readonly string[];
}

/** Structured content, pictures, resources and whatever else a server says pass as they are. */
export async function fitResult(
  result: JsonObject,
  { maxTokens, keep }: Pick<FitOptions, 'maxTokens' | 'keep'>,
): Promise<FittedResult> {
  const blocks: readonly Json[] = Array.isArray(result['content']) ? result['content'] : [];
  const texts = blocks.filter(isText);
  const share = fairShare(texts, maxTokens);
  if (texts.every(({ text }) => fitsTokens(text, share))) return { result, stored: [] };
  const content: Json[] = [];
  const stored: string[] = [];
  for (const block of blocks) {
    if (!isText(block) || fitsTokens(block.text, share)) {
      content.push(block);
      continue;
    }
    const { text } = block;
    const head = headOfTokens(text, share);
    const kept = await keep({ type: 'text', mimeType: 'text/plain', text });
    if (kept.type === 'kept') stored.push(kept.stored.uri);
    const note =
      kept.type === 'kept'
        ? keptNote(kept.stored, head, estimateTokens(text))
        : notKeptNote(text, head, kept.reason);
    content.push({ ...block, text: head }, { type: 'text', text: note });
  }
  return { result: { ...result, content }, stored };
}

type TextBlock = JsonObject & { readonly text: string };

function isText(block: Json): block is TextBlock {
  return isJsonObject(block) && block['type'] === 'text' && typeof block['text'] === 'string';
}
