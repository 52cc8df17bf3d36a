import type { JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { InputPart } from '../model/model.ts';

/** What all large-model providers take as pictures. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/**
 * The content blocks of a tool result (spec: server/tools, "Tool Result") as parts of a model's prompt. What a model
 * cannot be given is named in its place; text over `maxCharacters` in all is cut with a line that says so.
 */
export function contentForModel(result: JsonObject, maxCharacters: number): readonly InputPart[] {
  const blocks = Array.isArray(result['content']) ? result['content'].filter(isJsonObject) : [];
  const parts = blocks.map(partOf);
  if (parts.length === 0) parts.push({ type: 'text', text: textWithoutBlocks(result) });
  return cutText(parts, maxCharacters);
}

function textWithoutBlocks(result: JsonObject): string {
  const structured = result['structuredContent'];
  return structured === undefined ? '(The tool answered without content.)' : JSON.stringify(structured);
}

function partOf(block: JsonObject): InputPart {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: jsonText(block['text'] ?? '') };
    case 'image': {
      const mimeType = jsonText(block['mimeType']);
      const base64 = jsonText(block['data'] ?? '');
      if (IMAGE_TYPES.has(mimeType)) return { type: 'image', mimeType, base64 };
      return notShown(mimeType, base64);
    }
    case 'audio':
      return notShown(jsonText(block['mimeType']), jsonText(block['data'] ?? ''));
    case 'resource':
      return embeddedResource(isJsonObject(block['resource']) ? block['resource'] : {});
    case 'resource_link':
      return {
        type: 'text',
        text: `[resource ${jsonText(block['uri'])}: ${jsonText(block['title'] ?? block['name'] ?? '')}]`,
      };
    default:
      return { type: 'text', text: JSON.stringify(block) };
  }
}

function embeddedResource(resource: JsonObject): InputPart {
  const uri = jsonText(resource['uri']);
  if (typeof resource['text'] === 'string')
    return { type: 'text', text: `[resource ${uri}]\n${resource['text']}` };
  const mimeType = jsonText(resource['mimeType'] ?? 'application/octet-stream');
  const base64 = jsonText(resource['blob'] ?? '');
  return IMAGE_TYPES.has(mimeType)
    ? { type: 'image', mimeType, base64 }
    : notShown(`${mimeType}, ${uri}`, base64);
}

function notShown(what: string, base64: string): InputPart {
  return {
    type: 'text',
    text: `[${what}, about ${Math.round((base64.length * 3) / 4)} bytes: not shown to the model]`,
  };
}

function cutText(parts: readonly InputPart[], maxCharacters: number): readonly InputPart[] {
  const total = parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0);
  if (total <= maxCharacters) return parts;
  let left = maxCharacters;
  const kept: InputPart[] = [];
  for (const part of parts) {
    if (part.type !== 'text') kept.push(part);
    else if (left > 0) kept.push({ type: 'text', text: wellFormedHead(part.text, left) });
    if (part.type === 'text') left -= part.text.length;
  }
  const note = `[Cut: the first ${maxCharacters} of ${total} characters are shown. Ask the tool for a smaller part to see the rest.]`;
  return [...kept, { type: 'text', text: note, byHost: true }];
}

/** The first characters of a text, never ending in half of a surrogate pair. */
function wellFormedHead(text: string, length: number): string {
  const head = text.slice(0, length);
  const last = head.charCodeAt(head.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? head.slice(0, -1) : head;
}
