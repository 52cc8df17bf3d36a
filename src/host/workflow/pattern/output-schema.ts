/** Answers in a shape: the model is given a tool that takes it, and what does not fit is told to the model. */
import type { Json, JsonObject } from '../../../json.ts';
import { isJsonObject } from '../../../json.ts';
import type { LocalTool } from '../../agent/local-tool.ts';

export const ANSWER_TOOL = 'answer';
/** A model that goes on answering in words is given up then. */
export const MAX_OBJECTIONS = 2;

/** A schema that is no object's is wrapped: arguments of a tool are always an object. */
export function answerTool(schema: JsonObject): LocalTool {
  const isObject = schema['type'] === 'object';
  const inputSchema: JsonObject = isObject
    ? schema
    : { type: 'object', properties: { value: schema }, required: ['value'], additionalProperties: false };
  return {
    definition: {
      name: ANSWER_TOOL,
      description: 'Gives your final answer. Call it once, when you have everything that it takes.',
      inputSchema,
    },
    parallel: false,
    call: async (_context, args) => ({ type: 'end', value: isObject ? args : (args['value'] ?? null) }),
  };
}

/** A request that is no text is given as JSON; one that has only a text in it, such as a first task of `refine`, as that text. */
export function asText(input: Json): string {
  if (typeof input === 'string') return input;
  const [[name, value] = [], ...others] = isJsonObject(input) ? Object.entries(input) : [];
  if (typeof value === 'string' && others.length === 0 && (name === 'request' || name === 'input'))
    return value;
  return JSON.stringify(input, null, 2);
}
