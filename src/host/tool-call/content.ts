import type { JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';

/** One piece of a tool's answer, before it is known what of it a model is given. */
export type ContentPiece =
  /** `label` says in a line what the text is, where it is not simply the answer. */
  | { readonly type: 'text'; readonly text: string; readonly mimeType: string; readonly label?: string }
  | { readonly type: 'data'; readonly mimeType: string; readonly base64: string; readonly label?: string };

/** The content blocks of a tool result (spec: server/tools, "Tool Result"), or what it holds in place of them. */
export function contentPieces(result: JsonObject): readonly ContentPiece[] {
  const blocks = Array.isArray(result['content']) ? result['content'].filter(isJsonObject) : [];
  if (blocks.length > 0) return blocks.map(pieceOf);
  const structured = result['structuredContent'];
  return structured === undefined
    ? [textPiece('(The tool answered without content.)')]
    : [textPiece(JSON.stringify(structured))];
}

function textPiece(text: string): ContentPiece {
  return { type: 'text', text, mimeType: looksLikeJson(text) ? 'application/json' : 'text/plain' };
}

function pieceOf(block: JsonObject): ContentPiece {
  switch (block['type']) {
    case 'text':
      return textPiece(jsonText(block['text'] ?? ''));
    case 'image':
    case 'audio':
      return dataPiece(block['mimeType'], block['data']);
    case 'resource':
      return embeddedResource(isJsonObject(block['resource']) ? block['resource'] : {});
    case 'resource_link':
      return textPiece(
        `[resource ${jsonText(block['uri'])}: ${jsonText(block['title'] ?? block['name'] ?? '')}]`,
      );
    default:
      return textPiece(JSON.stringify(block));
  }
}

function embeddedResource(resource: JsonObject): ContentPiece {
  const label = `[resource ${jsonText(resource['uri'])}]`;
  if (typeof resource['text'] !== 'string')
    return { ...dataPiece(resource['mimeType'], resource['blob']), label };
  const piece = textPiece(resource['text']);
  const mimeType = jsonText(resource['mimeType']) || piece.mimeType;
  return { ...piece, mimeType, label };
}

function dataPiece(
  mimeType: JsonObject[string] | undefined,
  data: JsonObject[string] | undefined,
): ContentPiece {
  return {
    type: 'data',
    mimeType: jsonText(mimeType) || 'application/octet-stream',
    base64: jsonText(data),
  };
}

/** By its two ends only: whoever asks for a part of it by path has it parsed. */
function looksLikeJson(text: string): boolean {
  const ends = `${text.slice(0, 100).trimStart().charAt(0)}${text.slice(-100).trimEnd().slice(-1)}`;
  return ends === '{}' || ends === '[]';
}
