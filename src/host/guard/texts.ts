/** The texts within values and messages: read, or replaced one by one. */
import { HostError } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { AssistantMessage, AssistantPart } from '../model/model.ts';

/** What holds no text for a reader: pictures and sounds as base64. */
const BINARY_KEYS = new Set(['data', 'blob']);
const MAX_DEPTH = 1_000;

/** Every text of a value, its keys left out; of content blocks not what is base64. */
export function textsOf(value: JsonObject): readonly string[] {
  const texts: string[] = [];
  collect(value, texts, 0);
  return texts;
}

function collect(value: Json | undefined, texts: string[], depth: number): void {
  if (typeof value === 'string') texts.push(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw nestedTooDeeply();
  const isBlock = 'mimeType' in value;
  for (const [key, inner] of Object.entries<Json>(value)) {
    if (!isBlock || !BINARY_KEYS.has(key)) collect(inner, texts, depth + 1);
  }
}

function nestedTooDeeply(): HostError {
  return new HostError('nested-too-deeply', `The value is nested more than ${MAX_DEPTH} levels deep.`);
}

/**
 * The value with each text replaced; the same value where nothing was. Keys stay, and of content blocks what is base64.
 * Throws HostError `nested-too-deeply`.
 */
export function mapTexts<Value extends Json>(
  value: Value,
  replace: (text: string) => string,
  depth?: number,
): Value;
export function mapTexts(value: Json, replace: (text: string) => string, depth = 0): Json {
  if (typeof value === 'string') return replace(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw nestedTooDeeply();
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    const mapped = items.map((item) => mapTexts(item, replace, depth + 1));
    return mapped.every((item, index) => item === items[index]) ? value : mapped;
  }
  if (!isJsonObject(value)) return value;
  const isBlock = 'mimeType' in value;
  let changed = false;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
    const mapped = isBlock && BINARY_KEYS.has(key) ? inner : mapTexts(inner, replace, depth + 1);
    if (mapped !== inner) changed = true;
    return [key, mapped];
  });
  return changed ? Object.fromEntries(entries) : value;
}

/** What a model says to the person. */
export function answerText(message: AssistantMessage): string {
  return message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
}

/** The message with texts and thinking replaced; a changed part loses what the provider signed. */
export function mapAnswer(message: AssistantMessage, replace: (text: string) => string): AssistantMessage {
  const content = message.content.map((part): AssistantPart => {
    if (part.type === 'tool-call') return part;
    const text = replace(part.text);
    return text === part.text ? part : { type: part.type, text };
  });
  return content.every((part, index) => part === message.content[index]) ? message : { ...message, content };
}
