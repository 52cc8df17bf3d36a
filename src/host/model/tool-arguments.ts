import { isJsonObject, type JsonObject } from '../../json.ts';
import type { ToolCallPart } from './model.ts';

/**
 * Reads a tool call's arguments as the model wrote them. No text at all is an empty object: that is how both wires
 * send a call without arguments. `names` gives a top-level argument the name that the tool knows it by.
 */
export function readToolArguments(
  text: string,
  names?: ReadonlyMap<string, string>,
): Pick<ToolCallPart, 'arguments' | 'invalidArguments'> {
  if (text.trim() === '') return { arguments: {} };
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? { arguments: renameKeys(value, names) } : { invalidArguments: text };
  } catch (error) {
    if (error instanceof SyntaxError) return { invalidArguments: text };
    throw error;
  }
}

/** What goes back to the provider, which accepts nothing but an object: a call that was no object is kept inside one. */
export function sendableArguments(call: ToolCallPart, names?: ReadonlyMap<string, string>): JsonObject {
  if (call.arguments !== undefined) return renameKeys(call.arguments, names);
  return { invalid_arguments: call.invalidArguments ?? '' };
}

function renameKeys(value: JsonObject, names: ReadonlyMap<string, string> | undefined): JsonObject {
  if (names === undefined || names.size === 0) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [names.get(key) ?? key, item]));
}
