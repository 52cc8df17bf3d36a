import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

/**
 * What a workflow with this input is given when a person writes a line: the line itself where it takes words, JSON where
 * the line is some, and the one text that an object needs. Whether it fits is checked where the run begins.
 */
export function inputOfText(text: string, schema: JsonObject | undefined): Json {
  if (schema === undefined || takesText(schema)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // No JSON: words, then, for which there may be one place.
  }
  const place = onlyText(schema);
  return place === undefined ? text : { [place]: text };
}

function takesText({ type }: JsonObject): boolean {
  return type === undefined || type === 'string' || (Array.isArray(type) && type.includes('string'));
}

function onlyText({ type, properties, required = [] }: JsonObject): string | undefined {
  if (type !== 'object' || !isJsonObject(properties) || !Array.isArray(required)) return undefined;
  const names = required.length === 0 ? Object.keys(properties) : required;
  const [name] = names;
  if (names.length !== 1 || typeof name !== 'string') return undefined;
  const property = properties[name];
  return isJsonObject(property) && takesText(property) ? name : undefined;
}
